"""A small shop in the middle of a day: a piece in every state, an order in every state, a person of every role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from marketplace.accounts import services as accounts
from marketplace.accounts.models import LinkPurpose
from marketplace.cart.services import Owner
from marketplace.catalog.models import Listing, VersionStatus
from marketplace.catalog.services import imports
from marketplace.core import clock
from marketplace.core.audience import Audience
from marketplace.core.db import db
from marketplace.media.services import uploads
from marketplace.payments import services as payments
from marketplace.payments.models import PaymentAttempt
from marketplace.shipping import services as shipping
from marketplace.shipping.services import HolidayPlan
from marketplace.workshops import services as workshops
from marketplace.workshops.services import ApplicationData
from tests.factories.accounts import AddressFactory, AdminFactory, UserFactory, two_step
from tests.factories.catalog import (
    CategoryFactory,
    CostingFactory,
    ListingFactory,
    MetalRateFactory,
    PhotoFactory,
    variants_of,
)
from tests.factories.orders import open_shop, paid_order, parts_of, place_order
from tests.factories.sheets import file_of
from tests.factories.workshops import MemberFactory, WorkshopFactory
from tests.helpers import sign_in

from . import money, people, talks

STORY = "Two brothers share one long bench in Celuk. Everything begins with small grains."
ROLES = {
    Audience.PUBLIC: "stranger",
    Audience.VISITOR: "visitor",
    Audience.BUYER: "buyer",
    Audience.SELLER: "artisan",
    Audience.ADMIN: "admin",
    Audience.MACHINE: "stranger",
}


@dataclass
class World:
    app: Flask
    browsers: dict[str, FlaskClient]
    facts: dict[str, Any]
    forms: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # by address, its numbers as #
    words: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # by role: all fields of all forms
    buttons: set[str] = field(default_factory=set)

    def role_of(self, endpoint: str) -> str:
        if endpoint.startswith("seller_apply."):
            return "applicant"
        view: Any = self.app.view_functions[endpoint]
        return ROLES[view.audience]

    def address(self, rule: Rule, **other: str) -> str:
        """The rule's address with rows that are there, or with `other` words in their place."""
        values = {**self.facts, **self.facts.get(rule.endpoint, {}), **other}
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), rule.rule)

    def rules(self, method: str) -> Iterator[Rule]:
        """Every address of the app once, those under a market too, in a fixed order."""
        for rule in sorted(self.app.url_map.iter_rules(), key=lambda one: (one.endpoint, one.rule)):
            if method in (rule.methods or ()):
                yield rule

    def learn_forms(self) -> None:
        """Read every form of every page, so that each can be sent as it stands but for one hostile word."""
        for rule in self.rules("GET"):
            if "market" in rule.arguments:  # the same form, with other words around it
                continue
            answer = self.browsers[self.role_of(rule.endpoint)].get(self.address(rule))
            if answer.mimetype == "text/html":
                self._learn(answer.text, rule)

    def _learn(self, html: str, rule: Rule) -> None:
        reader = FormReader()
        reader.feed(html)
        self.buttons |= reader.buttons
        for actions, fields in reader.forms:
            for action in actions:
                path = (action or self.address(rule)).partition("?")[0]
                known = self.forms.setdefault(re.sub(r"\d+", "#", path), {})
                for name, values in fields.items():
                    known.setdefault(name, values)
                    self.words.setdefault(self.role_of(rule.endpoint), {}).setdefault(name, values)

    def fields_for(self, rule: Rule) -> dict[str, list[str]]:
        """Its form's fields; of a form that no page shows today, every field that the person knows."""
        bare = self.address(rule).removeprefix(f"/{self.facts['market']}" if "market" in rule.arguments else "")
        known = self.forms.get(re.sub(r"\d+", "#", bare)) or {}
        return dict(known if len(known) > 1 else self.words.get(self.role_of(rule.endpoint), {}))


class FormReader(HTMLParser):
    """(addresses, fields with their values) of each form of a page; buttons with names are fields too."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[list[str], dict[str, list[str]]]] = []
        self.buttons: set[str] = set()
        self.by_id: dict[str, dict[str, list[str]]] = {}
        self._text: str | None = None
        self._select: str | None = None
        self._into: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._into = self.by_id.setdefault(given.get("id", ""), {}) if given.get("id") else {}
            self.forms.append(([given.get("action", "")], self._into))
            return
        if given.get("formaction") and self.forms:
            self.forms[-1][0].append(given["formaction"])
        into = self.by_id.setdefault(given["form"], {}) if given.get("form") else self._into
        name = given.get("name", "")
        if tag == "button" and name:
            self.buttons.add(name)
        if tag in ("input", "button") and name:
            into.setdefault(name, []).append(given.get("value", ""))
        elif tag == "textarea" and name:
            into.setdefault(name, [])
            self._text = name
        elif tag == "select" and name:
            into.setdefault(name, [])
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or not self._into.get(self._select)):
            self._into[self._select] = [given.get("value", "")]

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._into.setdefault(self._text, []).append(data.strip("\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._into = {}


def build(app: Flask, new_client: Callable[[], FlaskClient]) -> World:
    """All of it through the real verbs."""
    open_shop()
    browsers = {role: new_client() for role in ("stranger", "visitor", "buyer", "applicant", "artisan", "admin")}
    buyer, maker, admin = UserFactory(), UserFactory(language="en"), AdminFactory()
    wishes = UserFactory()
    for role, person in (("buyer", buyer), ("artisan", maker), ("admin", admin), ("applicant", wishes)):
        sign_in(browsers[role], person)
    two_step(maker)
    sign_in(browsers["artisan"], maker, code_minutes_ago=1)
    workshop = WorkshopFactory(name="Jawan Sari", slug="jawan-sari", is_trusted=True)
    MemberFactory(workshop_id=workshop.id, user_id=maker.id)
    category = CategoryFactory(slug="rings-band", size_kind="ring")
    listing: Listing = ListingFactory(workshop=workshop, category=category, sizes=("US 6", "US 7"), stock=60)
    plain = ListingFactory(workshop=workshop, category=category, stock=60)
    looked_at = ListingFactory(
        workshop=workshop, category=category, live=False, status=VersionStatus.IN_REVIEW, submitted_at=clock.now()
    )
    draft = ListingFactory(workshop=workshop, category=category, live=False)
    photo = PhotoFactory(workshop_id=workshop.id)
    address = AddressFactory(user_id=buyer.id)
    CostingFactory(listing=plain, rate=MetalRateFactory(), shows_breakdown=True)
    MetalRateFactory(idr_per_gram=60_000)  # proposes a price for it
    variant = variants_of(plain)[0].id
    paid, unpaid = paid_order((variant, 1), owner=Owner(user_id=buyer.id)), place_order((variant, 1))
    attempt = db.session.scalars(db.select(PaymentAttempt).where(PaymentAttempt.order_id == unpaid.id)).one()
    hosted = payments.start(attempt.id) or ""
    _application(wishes.id)
    waiting = UserFactory()
    application = _application(waiting.id)
    proof = PhotoFactory(user_id=waiting.id)
    workshops.add_application_photo(waiting.id, proof.id, "bench")
    workshops.submit_application(waiting.id)
    browsers["visitor"].post("/cart/lines", data={"variant_id": variant, "quantity": "1"})
    browsers["buyer"].post("/cart/lines", data={"variant_id": variant, "quantity": "1"})
    line = re.search(r"/cart/lines/(\d+)", browsers["visitor"].get("/cart").text)
    assert line is not None
    part = parts_of(paid)[0]
    facts: dict[str, Any] = {
        "market": "id",
        "listing_id": listing.id,
        "variant_id": variant,
        "workshop_id": workshop.id,
        "application_id": application,
        "user_id": buyer.id,
        "order_id": unpaid.id,
        "seller_order_id": part.id,
        "shipment_id": 1,
        "address_id": address.id,
        "line_id": line[1],
        "session_id": 1,
        "photo_id": photo.id,
        "upload_key": uploads.begin(workshop.id, maker.id, "a-photo-in-pieces", 90_000, f"listing:{draft.id}").key,
        "part": 1,
        "import_id": imports.receive(workshop.id, maker.id, "barang.csv", file_of([{"title_id": "Cincin baru"}]), "en"),
        "token": unpaid.token,
        "external_id": hosted.rstrip("/").rpartition("/")[2],
        "slug": "rings-band",
        "lang": "id",
        "name": "about",
        "kind": "pieces",
        "key": photo.renditions[0][2],
        "version": "0",
        "filename": "css/site.css",
        "processor": "demo",
        **money.facts(workshop.id, variant, buyer),
        **people.facts(workshop.id, maker),
        **talks.facts(workshop.id, maker, buyer, listing.id, paid),
        **{f"admin_listings.{act}": {"listing_id": looked_at.id} for act in ("show", "approval", "rejection")},
        "closure_id": _holiday(workshop.id, maker.id),
        **{f"seller_stock.{act}": {"listing_id": plain.id} for act in ("move", "show")},
        **{f"seller_listings.{act}": {"listing_id": draft.id} for act in ("edit", "save", "submit")},
        "catalog.listing": {"slug": listing.slug},
        "catalog.workshop": {"slug": workshop.slug},
        "orders.arrived": {"token": paid.token},
        "orders.withdraw": {"token": paid.token},
        "orders.join": {"token": paid.token},
        "accounts.reset_new": {"token": accounts.link_for(buyer.id, LinkPurpose.RESET)},
        "accounts.sign_in_link": {"token": accounts.link_for(buyer.id, LinkPurpose.SIGN_IN)},
    }
    facts["accounts.reset_new_submit"] = facts["accounts.reset_new"]
    facts["accounts.sign_in_link_submit"] = facts["accounts.sign_in_link"]
    return World(app, browsers, facts)


def _holiday(workshop_id: int, by: int) -> int:
    """Far away, so that the shop is open today."""
    day = clock.today() + timedelta(200)
    return shipping.save_holiday(workshop_id, HolidayPlan(day, day, message_en="Temple festival."), by)


def _application(user_id: int) -> int:
    return workshops.save_application(
        user_id,
        ApplicationData(
            "Alit Rupa",
            "Ni Komang",
            "Ibu",
            "+6281234000031",
            "Tangsub",
            specialities=("granulation",),
            story=STORY,
            agreed=True,
        ),
    )
