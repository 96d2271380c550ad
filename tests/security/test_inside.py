"""Nothing of the inside is reachable, too much is refused at once, and the log keeps its lines (security.md 45, 46)."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import ROOT
from tests.factories.accounts import UserFactory
from tests.factories.orders import open_shop, paid_order, piece
from tests.helpers import SITE, send

from .conftest import look

INSIDE = (
    *("/.git/config", "/.git/HEAD", "/.env", "/config.py", "/wsgi.py", "/instance/shop.db", "/shop.db"),
    *("/console", "/?__debugger__=yes&cmd=resource&f=debugger.js", "/metrics", "/debug", "/server-status"),
    *("/static/x/../config.py", "/static/x/..%2f..%2fconfig.py", "/static/x/%2e%2e/%2e%2e/config.py"),
    *("/static/x/..%5c..%5cconfig.py", "/static/x/%252e%252e%252fconfig.py", "/static/x/css/../../config.py"),
    *("/static/x/", "/static/x/css", "/static/", "/media/", "/media/photos", "/media/private/a.webp"),
    *("/media/..%2fprivate%2fa.webp", "/media/../../shop.db", "/media/.%2e/shop.db", "/templates/layout/base.html"),
    *("/pages/..%2f..%2fconfig", "/pages/_page", "/dev/mail/..%2f..%2fshop.db", "/dev/mail/.eml"),
)


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_of_the_inside_is_reachable(client: FlaskClient, address: str) -> None:
    answer = look(address, lambda: client.get(address))
    if "?" not in address:
        assert answer.status_code in (301, 308, 404), address
    for secret in (b"SECRET_KEY", b"SQLite format", b"[core]", b"{% extends", b"EVALEX", b"def check("):
        assert secret not in answer.data, address


def test_static_files_are_those_of_their_folder_only(shop: Flask, client: FlaskClient) -> None:
    version = shop.config["ASSETS_VERSION"]
    for path in ("//etc/passwd", f"/{ROOT}/config.py", "/..//..//etc/passwd", "/%00", "/css/site.css%00.png"):
        answer = client.get(f"/static/{version}{path}", follow_redirects=True)
        assert answer.status_code == 404, path
    assert client.get(f"/static/{version}/css/site.css").headers["Cache-Control"].endswith("immutable")
    early = client.get("/static/000000000000/css/site.css")
    assert early.headers["Cache-Control"] == "no-cache", "no cache keeps these bytes under another version's name"


@pytest.mark.parametrize("address", ["/sign-in", "/id/sign-in", "/cart/lines", "/seller/apply/"])
def test_a_body_of_33_megabytes_is_refused_with_a_sentence(client: FlaskClient, address: str) -> None:
    body = io.BytesIO(b"\0" * (33 * 1024 * 1024))
    answer = look(address, lambda: client.post(address, data={"photos": (body, "big.jpg")}))
    if answer.status_code != 303:  # a stranger is sent to the door before anything is read
        assert answer.status_code == 413
        assert "30 MB" in answer.text
        assert ("Foto" if address.startswith("/id/") else "A photo") in answer.text


def test_a_text_of_two_megabytes_is_refused(client: FlaskClient) -> None:
    assert client.post("/sign-in", data={"email": "a" * 2_000_000}).status_code == 413


def test_a_line_break_makes_no_second_line_in_the_log(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/w/a%0d%0a2026-11-24%20INFO%20request%20forged%20GET%20/%20200%1b[31m%c2%85%e2%80%a8")
    lines = [record.getMessage() for record in caplog.records if record.name == "request"]
    assert len(lines) == 1
    assert lines[0].isprintable()
    assert "\\r\\n" in lines[0]


def test_each_request_is_one_line_with_its_number_and_no_secret(
    app: Flask, new_client: Callable[[], FlaskClient], caplog: pytest.LogCaptureFixture
) -> None:
    """Passwords, order links, reset links, form tokens and cookies stay out; the number is the answer's."""
    open_shop()
    order = paid_order((piece(), 1))
    user, client = UserFactory(email="quiet@example.com"), new_client()
    with caplog.at_level(logging.INFO):
        page = client.get(f"/orders/{order.token}?csrf_token=secretquery")
        send(client, "/sign-in", {"email": user.email, "password": "wrong horse battery"})
        send(client, "/sign-in", {"email": user.email, "password": "three quiet herons wade"})
        send(client, "/reset", {"email": user.email})
        client.get("/reset/AbCdEfGhIjKlMnOpQrStUv")
    cookie = client.get_cookie("session", domain="127.0.0.1")
    assert cookie is not None
    told = "\n".join(record.getMessage() for record in caplog.records)
    for secret in (order.token, "wrong horse", "three quiet herons", "AbCdEfGhIjKl", "secretquery", cookie.value):
        assert secret not in told
    assert f"{page.headers['X-Request-ID']} GET /orders/... 200" in told
    assert "sign-in refused" in told
    assert f"user {user.id} signed in" in told
    assert SITE not in told
