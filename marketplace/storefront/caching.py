"""Public pages: one statement reads what the page is made of, in numbers; who holds that version gets a 304.

Nothing about the visitor goes in: the same address gives everybody the same bytes (architecture.md 6).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from functools import cache

from flask import current_app, request
from werkzeug.wrappers import Response

from config import ROOT
from marketplace.catalog import pricing, versions
from marketplace.catalog.queries.cards import Shown
from marketplace.core.i18n import language
from marketplace.core.markets import current_market
from marketplace.core.web import not_modified, public

from . import menu


def shown() -> Shown:
    """The market's currency and the rates of the day; one statement."""
    return Shown(current_market().currency, pricing.rates())


def answer(
    render: Callable[[], str | Response],
    scopes: Iterable[str] = (versions.SHOP,),
    *,
    listing_id: int | None = None,
    workshop_slug: str | None = None,
    extra: str = "",
) -> Response:
    """The page, or its 304; a redirect that `render` gives goes out as it is.

    `scopes` name all the data that the page shows; `extra` what else changes it, such as the day.
    """
    numbers = versions.numbers(scopes, current_market().currency, listing_id=listing_id, workshop_slug=workshop_slug)
    menu.tree(numbers.get(versions.TAXONOMY, 0))
    etag = _etag(numbers, extra)
    response = not_modified(etag)
    if response is None:
        body = render()
        if isinstance(body, Response):
            return body
        response = public(Response(body, mimetype="text/html"))
        response.set_etag(etag)
    response.headers["Content-Language"] = language()
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _etag(numbers: dict[str, int], extra: str) -> str:
    facts = [
        _code_version(),
        current_app.config["ASSETS_VERSION"],
        current_market().code,
        request.full_path,
        *(f"{scope}={number}" for scope, number in sorted(numbers.items())),
        extra,
    ]
    if current_app.debug:
        facts.append(secrets.token_hex(8))  # templates change under our hands
    return hashlib.sha256("|".join(facts).encode()).hexdigest()[:24]


@cache
def _code_version() -> str:
    """A new release makes every kept page old: the words, templates and code in one hash."""
    digest = hashlib.sha256()
    files = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "marketplace").rglob("*.py"), ROOT / "config.py"]
    for path in sorted([*files, *(ROOT / "marketplace").rglob("*.mo")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
