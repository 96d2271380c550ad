"""The house keeps its own rules: every address has an audience, and every role meets it at every address."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

import marketplace
from config import ROOT, Config
from marketplace.core.audience import Audience, MissingAudience
from tests.factories.accounts import AdminFactory, UserFactory
from tests.factories.catalog import ListingFactory, quote_rates
from tests.factories.orders import open_shop, paid_order, piece
from tests.factories.workshops import MemberFactory, WorkshopFactory
from tests.helpers import sign_in, sign_out
from tests.matrix import MATRIX

ARGUMENTS = {"int": "1", "default": "x", "path": "x", "market": "id"}


def _audiences(app: Flask) -> dict[str, Audience]:
    return {name: view.audience for name, view in app.view_functions.items()}  # type: ignore[attr-defined]


def _address(rule: Rule) -> str:
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: ARGUMENTS[found[1] or "default"], rule.rule)


def _calls(app: Flask, *audiences: Audience) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of everything that is for these, in every market."""
    whom = _audiences(app)
    for rule in app.url_map.iter_rules():
        if whom[rule.endpoint] in audiences:
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                yield rule.endpoint, method, _address(rule)


def test_the_app_does_not_start_with_an_endpoint_for_nobody(
    shop_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten = Blueprint("forgotten", __name__)
    forgotten.add_url_rule("/forgotten", "page", lambda: "for whom?")
    build = marketplace._register

    def with_one_more(app: Flask, name: str) -> None:
        build(app, name)
        if "forgotten" not in app.blueprints:
            app.register_blueprint(forgotten)

    monkeypatch.setattr(marketplace, "_register", with_one_more)
    with pytest.raises(MissingAudience, match=r"forgotten\.page"):
        marketplace.create_app(dataclasses.replace(shop_config))


def test_every_endpoint_has_its_row(shop: Flask) -> None:
    told = {name: audience for audience, names in MATRIX.items() for name in names}
    assert _audiences(shop) == told


def test_a_stranger_meets_the_door_everywhere(app: Flask, client: FlaskClient) -> None:
    for endpoint, method, address in _calls(app, Audience.BUYER, Audience.SELLER, Audience.ADMIN):
        answer = client.open(address, method=method)
        assert answer.status_code == 303, (endpoint, method, answer.status_code)
        assert "/sign-in" in answer.location, endpoint


@pytest.mark.parametrize("role", ["buyer", "artisan"])
def test_the_wrong_role_is_refused_everywhere(app: Flask, client: FlaskClient, role: str) -> None:
    person = UserFactory()
    closed = [Audience.ADMIN]
    if role == "artisan":
        MemberFactory(workshop_id=WorkshopFactory().id, user_id=person.id)
    else:
        closed.append(Audience.SELLER)
    sign_in(client, person)
    for endpoint, method, address in _calls(app, *closed):
        assert client.open(address, method=method).status_code == 403, (endpoint, method)


def test_an_admin_is_no_artisan(app: Flask, client: FlaskClient) -> None:
    sign_in(client, AdminFactory())
    for endpoint, method, address in _calls(app, Audience.SELLER):
        assert client.open(address, method=method).status_code == 403, (endpoint, method)


def test_no_address_answers_a_verb_that_it_does_not_have(app: Flask, client: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - (rule.methods or set()):
            sharing = {m for other in app.url_map.iter_rules() if other.rule == rule.rule for m in other.methods or ()}
            if method not in sharing:
                assert client.open(_address(rule), method=method).status_code in (405, 404), (rule.rule, method)


def test_acts_of_another_site_are_refused_everywhere(app: Flask, client: FlaskClient) -> None:
    """Cross-site, a null origin, and no origin without a token: nothing unsafe passes (security.md 30)."""
    sign_in(client, AdminFactory())
    whom = _audiences(app)
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or whom[rule.endpoint] is Audience.MACHINE:
            continue
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://127.0.0.1:5000", "Sec-Fetch-Site": "cross-site"},
        ):
            answer = client.post(_address(rule), headers=headers, data={"a": "b"})
            assert answer.status_code in (403, 404), (rule.rule, headers, answer.status_code)
        if whom[rule.endpoint] is not Audience.SELLER:
            bare = app.test_client()
            assert FlaskClient.open(
                bare, _address(rule), method="POST", base_url="http://127.0.0.1:5000"
            ).status_code in (
                303,
                403,
                404,
            ), rule.rule


def test_every_answer_carries_the_protections(app: Flask, client: FlaskClient) -> None:
    listing = ListingFactory()
    quote_rates()
    pages = (
        "/",
        "/id/",
        f"/p/{listing.id}-{listing.slug}",
        "/sign-in",
        "/cart",
        "/nothing-here",
        "/seller/",
        "/healthz",
    )
    for page in pages:
        headers = client.get(page).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert all(f"{word} 'none'" in policy for word in ("object-src", "base-uri", "frame-ancestors"))
        assert "form-action 'self'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"]
        assert headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers


def test_https_brings_hsts_and_the_host_cookie(shop_config: Config) -> None:
    safe = marketplace.create_app(dataclasses.replace(shop_config, site_url="https://perakceluk.example"))
    answer = safe.test_client().get("/healthz", base_url="https://perakceluk.example")
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    with safe.test_request_context("/", base_url="https://perakceluk.example"):
        assert safe.session_interface.cookie_name() == "__Host-session"  # type: ignore[attr-defined]


def test_a_host_that_is_not_ours_is_refused(client: FlaskClient) -> None:
    assert client.get("/", base_url="http://evil.example").status_code == 400
    assert client.get("/", base_url="http://localhost:5000").status_code == 200


def test_public_pages_open_no_session_and_know_nobody(app: Flask, new_client: Callable[[], FlaskClient]) -> None:
    """A visitor with a full cart and an admin get the same bytes as a stranger, and no cookie (security.md 33)."""
    quote_rates()
    listing, stranger, admin = ListingFactory(), new_client(), new_client()
    sign_in(admin, AdminFactory())
    filled = new_client()
    filled.post("/cart/lines", data={"variant_id": str(piece()), "quantity": "1"})
    for page in ("/", "/id/", "/au/", f"/p/{listing.id}-{listing.slug}", "/w", "/search?q=ring", "/pages/about"):
        answers = [browser.get(page) for browser in (stranger, filled, admin)]
        assert len({answer.data for answer in answers}) == 1, page
        for answer in answers:
            assert answer.status_code == 200, page
            assert "Set-Cookie" not in answer.headers
            assert answer.headers["Cache-Control"].startswith("public")
            assert "Cookie" not in answer.headers.get("Vary", "")


def test_private_pages_are_never_stored(app: Flask, client: FlaskClient) -> None:
    open_shop()
    order = paid_order((piece(), 1))
    for page in ("/cart", "/sign-in", "/me.json", f"/orders/{order.token}", "/orders/track"):
        assert client.get(page).headers["Cache-Control"] == "private, no-store", page
    sign_out(client)


def test_no_registry_and_no_machine_is_named() -> None:
    """Nothing in the repository names a package registry's host or a path of one machine."""
    hosts = ("pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "deb.debian" + ".org")
    for path in ROOT.rglob("*"):
        relative = path.relative_to(ROOT)
        if relative.parts[0] in (".git", ".venv", "instance") or not path.is_file() or path.stat().st_size > 2_000_000:
            continue
        text = path.read_text(errors="ignore")
        assert not any(host in text for host in hosts), relative
