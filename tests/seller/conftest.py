"""Two workshops with their people, and photos as a phone takes them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from marketplace.accounts.models import User
from marketplace.workshops.models import Workshop
from tests.factories.accounts import UserFactory
from tests.factories.catalog import CategoryFactory
from tests.factories.workshops import MemberFactory, WorkshopFactory
from tests.helpers import sign_in

Upload = tuple[io.BytesIO, str]


@dataclass
class Maker:
    """A workshop's person with a browser of their own."""

    user: User
    workshop: Workshop
    browser: FlaskClient

    def get(self, path: str, **more: Any) -> Any:
        return self.browser.get(path, **more)

    def token(self) -> str:
        """As every page of hers carries it."""
        return str(fields_of(self.get("/seller/settings/").text)["csrf_token"])

    def post(self, path: str, data: dict[str, Any] | None = None) -> Any:
        """Press a button of one of her own pages."""
        return self.browser.post(path, data={"csrf_token": self.token(), **(data or {})})

    def send(self, path: str, data: dict[str, Any], page: str) -> Any:
        """Fill in the form of a page as it stands, and send it to `path`."""
        return self.post(path, {**fields_of(self.get(page).text), **data})


def fields_of(html: str) -> dict[str, Any]:
    """What a browser would send of the page's main form (inputs, ticks, lists and texts as they stand)."""
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input\b[^>]*>", html):
        name, kind = _attribute(tag, "name"), _attribute(tag, "type") or "text"
        if not name or kind == "file" or (kind in ("checkbox", "radio") and not re.search(r"\schecked\b", tag)):
            continue
        if name == "csrf_token":  # every small form of the page has the same one
            found.pop(name, None)
        found.setdefault(name, []).append(_attribute(tag, "value") or "")
    for opening, body in re.findall(r"<textarea([^>]*)>(.*?)</textarea>", html, re.S):
        found[_attribute(opening, "name")] = _unescape(body.strip("\r\n"))
    for opening, body in re.findall(r"<select([^>]*)>(.*?)</select>", html, re.S):
        options = re.findall(r"<option\b[^>]*>", body)
        chosen = [tag for tag in options if re.search(r"\sselected\b", tag)] or options[:1]
        found[_attribute(opening, "name")] = _attribute(chosen[0], "value") if chosen else ""
    return {name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in found.items()}


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf'\b{name}="([^"]*)"', tag)
    return _unescape(match[1]) if match else ""


def _unescape(text: str) -> str:
    return unescape(text)


def make_maker(new_client: Callable[[], FlaskClient], **facts: Any) -> Maker:
    workshop = WorkshopFactory(**facts)
    user = UserFactory(language="id")
    MemberFactory(workshop_id=workshop.id, user_id=user.id)
    browser = new_client()
    sign_in(browser, user)
    return Maker(user, workshop, browser)


@pytest.fixture
def luh(app: Flask, new_client: Callable[[], FlaskClient]) -> Maker:
    """Of a workshop that is trusted: what she publishes is on sale at once."""
    return make_maker(new_client, name="Luh Selaka", is_trusted=True)


@pytest.fixture
def wayan(app: Flask, new_client: Callable[[], FlaskClient]) -> Maker:
    """Of another, new workshop."""
    return make_maker(new_client, name="Kala Wengi")


@pytest.fixture
def rings(app: Flask) -> Any:
    root = CategoryFactory(slug="jewellery", name_id="Perhiasan", name_en="Jewellery")
    return CategoryFactory(
        slug="rings-band",
        parent_id=root.id,
        name_id="Cincin polos",
        name_en="Bands",
        size_kind="ring",
        required_fields=["material", "weight", "technique", "size"],
    )


def photo(color: tuple[int, int, int] = (120, 110, 100), name: str = "IMG_2041.jpg") -> Upload:
    """A file as a phone sends it."""
    data = io.BytesIO()
    Image.new("RGB", (800, 1000), color).save(data, "JPEG")
    data.seek(0)
    return data, name
