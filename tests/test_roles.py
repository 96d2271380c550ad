"""Who may do what in a workshop: every endpoint × every role, and pages that show nothing their reader may not do.

The acts of the roles are written down here a second time, by hand, so that a change of workshops/roles.py shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from marketplace.core.audience import Audience
from marketplace.core.db import db
from marketplace.workshops.models import Member, MemberRole
from marketplace.workshops.roles import ALLOWED, Act
from tests.factories.accounts import UserFactory, two_step
from tests.factories.workshops import MemberFactory, WorkshopFactory
from tests.helpers import SITE, sign_in
from tests.security import world as worlds

WHO_MAY: dict[str, set[str]] = {
    "look": {"owner", "maker", "packer"},
    "orders": {"owner", "maker", "packer"},
    "stock": {"owner", "maker", "packer"},
    "pieces": {"owner", "maker"},
    "prices": {"owner", "maker"},
    "talk": {"owner", "maker"},
    "know": {"owner", "maker"},
    "settings": {"owner", "maker"},
    "refund": {"owner"},
    "money": {"owner"},
    "bank": {"owner"},
    "people": {"owner"},
}
# Acts that nobody may loosen by a slip, each by its name.
FIXED = {
    "seller_bank.save": "bank",
    "seller_bank.show": "bank",
    "seller_earnings.show": "money",
    "seller_account.show": "money",
    "seller_payouts.index": "money",
    "seller_statements.index": "money",
    "seller_refunds.give": "refund",
    "seller_people.invite": "people",
    "seller_people.change_role": "people",
    "seller_people.remove": "people",
    "seller_listings.submit": "pieces",
    "seller_settings.save": "settings",
    "seller_orders.ship": "orders",
}
ARGUMENTS = {"int": "999999", "default": "x", "path": "x"}


def _views(app: Flask) -> dict[str, Any]:
    views: dict[str, Any] = dict(app.view_functions)
    return {name: view for name, view in views.items() if view.audience is Audience.SELLER}


def _address(rule: Rule) -> str:
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: ARGUMENTS[found[1] or "default"], rule.rule)


def _calls(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of everything on the workshop's side."""
    views = _views(app)
    for rule in app.url_map.iter_rules():
        if rule.endpoint in views:
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
                yield rule.endpoint, method, _address(rule)


def test_the_roles_allow_what_is_written_here() -> None:
    told = {act.value: {role.value for role in MemberRole if act in ALLOWED[role]} for act in Act}
    assert told == WHO_MAY


def test_every_endpoint_names_an_act_of_the_table(shop: Flask) -> None:
    acts = {name: str(view.act) for name, view in _views(shop).items()}
    assert set(acts.values()) <= set(WHO_MAY)
    assert {name: acts[name] for name in FIXED} == FIXED


@pytest.fixture
def member(app: Flask, new_client: Callable[[], FlaskClient]) -> Callable[[str], FlaskClient]:
    """A browser of somebody with this role, with a fresh sign-in and a fresh code: only the role can refuse."""
    workshop = WorkshopFactory()

    def one(role: str) -> FlaskClient:
        user, browser = UserFactory(), new_client()
        two_step(user)
        row = MemberFactory(workshop_id=workshop.id, user_id=user.id, role=MemberRole(role))
        if role != "owner":
            return _enter(browser, user)
        MemberFactory(workshop_id=workshop.id, user_id=UserFactory().id, role=MemberRole.OWNER)
        assert row.id
        return _enter(browser, user)

    return one


def _enter(browser: FlaskClient, user: Any) -> FlaskClient:
    sign_in(browser, user, code_minutes_ago=0)
    return browser


def _token(browser: FlaskClient) -> str:
    return re.findall(r'name="csrf_token"\s+value="([^"]+)"', browser.get("/account/security").text)[0]


@pytest.mark.parametrize("role", ["owner", "maker", "packer"])
def test_every_role_meets_every_endpoint(app: Flask, member: Callable[[str], FlaskClient], role: str) -> None:
    """403 exactly where the table says no; elsewhere the page, or whatever it says of a row that is not there."""
    browser, views = member(role), _views(app)
    token = _token(browser)
    seen = set()
    for endpoint, method, address in _calls(app):
        if endpoint == "seller_people.leave":
            continue  # the last call of all: see the story of it
        answer = browser.open(address, method=method, data={"csrf_token": token} if method == "POST" else None)
        allowed = role in WHO_MAY[views[endpoint].act]
        assert (answer.status_code != 403) == allowed, (role, endpoint, method, answer.status_code)
        assert "/sign-in" not in (answer.location or ""), endpoint
        seen.add(endpoint)
    assert seen | {"seller_people.leave"} == set(views)


@pytest.mark.parametrize("stranger", ["removed", "elsewhere", "suspended account"])
def test_who_does_not_belong_meets_nothing(app: Flask, new_client: Callable[[], FlaskClient], stranger: str) -> None:
    """A removed member is refused everywhere; a neighbor finds no row of the workshop at any address (404)."""
    world = worlds.build(app, new_client)
    browser, theirs = new_client(), world.facts["workshop_id"]
    user = UserFactory()
    two_step(user)
    sign_in(browser, user, code_minutes_ago=0)
    token = _token(browser)
    if stranger == "removed":
        membership = MemberFactory(workshop_id=theirs, user_id=user.id, role=MemberRole.OWNER)
        assert browser.get("/seller/").status_code == 200
        db.session.execute(sa.delete(Member).where(Member.id == membership.id))
    elif stranger == "elsewhere":
        MemberFactory(workshop_id=WorkshopFactory().id, user_id=user.id, role=MemberRole.OWNER)
    else:
        MemberFactory(workshop_id=theirs, user_id=user.id, role=MemberRole.OWNER)
        user.disabled_at = user.created_at
    db.session.commit()
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in _views(app) or rule.endpoint == "seller_people.leave":
            continue
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            answer = browser.open(
                world.address(rule), method=method, data={"csrf_token": token} if method == "POST" else None
            )
            where = (stranger, rule.endpoint, method, answer.status_code)
            if stranger == "removed":
                assert answer.status_code == 403, where
            elif stranger == "suspended account":
                assert answer.status_code == 303, where
                assert "/sign-in" in answer.location, where
            elif any(name.endswith(("_id", "_key")) for name in rule.arguments):
                assert answer.status_code in (404, 422), where


class _Page(HTMLParser):
    """Where a page leads: addresses of links, and of forms with their method."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._method = "GET"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.found.append(("GET", given["href"]))
        if tag == "form":
            self._method = given.get("method", "get").upper()
            self.found.append((self._method, given.get("action", "")))
        if "formaction" in given:
            self.found.append((self._method, given["formaction"]))


@pytest.mark.parametrize("role", ["packer", "maker", "owner"])
def test_no_page_leads_where_its_reader_may_not_go(
    app: Flask, new_client: Callable[[], FlaskClient], role: str
) -> None:
    """From the first page along every link; a button's address is looked up, a link's is opened. None is refused."""
    world = worlds.build(app, new_client)
    user, browser = UserFactory(language="en"), new_client()
    two_step(user)
    MemberFactory(workshop_id=world.facts["workshop_id"], user_id=user.id, role=MemberRole(role))
    sign_in(browser, user, code_minutes_ago=0)
    waiting, seen = [("", "/seller/")], set()
    closed = [f"{where} leads to {path}" for where, path in _walk(app, browser, role, waiting, seen)]
    assert closed == []
    assert len(seen) > {"packer": 8, "maker": 15, "owner": 25}[role], sorted(seen)


def _walk(
    app: Flask, browser: FlaskClient, role: str, waiting: list[tuple[str, str]], seen: set[str]
) -> Iterator[tuple[str, str]]:
    while waiting:
        where, path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = browser.get(path)
        if answer.status_code == 403:
            yield where, path
        if answer.mimetype != "text/html":
            continue
        page = _Page()
        page.feed(answer.text)
        for method, target in page.found:
            address = urlsplit(urljoin(SITE + path, target))
            if not (SITE + "/").startswith(f"{address.scheme}://{address.netloc}") or not _is_ours(address.path):
                continue
            if method != "GET" and not _may(app, role, address.path):
                yield path, address.path
            if method == "GET":
                waiting.append((path, address.path + (f"?{address.query}" if address.query else "")))


def _is_ours(path: str) -> bool:
    return path.startswith("/seller/") and not path.startswith("/seller/apply")


def _may(app: Flask, role: str, path: str) -> bool:
    try:
        endpoint, _values = app.url_map.bind("127.0.0.1").match(path, method="POST")
    except HTTPException:
        return False
    return role in WHO_MAY[_views(app)[endpoint].act]
