"""What people write is text, wherever it is read again: pages, structured data, mails and their headers (security 36).

Every hostile word goes through the shop's own forms, written by those whose forms they are, in the order of a real
sale: an account, a workshop, a piece, an order, and what the collective says about each.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.catalog.models import Listing
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.notifications.transport import mail_folder
from marketplace.orders import services as orders
from marketplace.orders.models import Order
from marketplace.workshops import services as workshops
from marketplace.workshops.models import Application, Workshop
from tests.checkout.browser import MAYA, open_checkout, press_pay
from tests.factories.accounts import PASSWORD, AdminFactory, UserFactory
from tests.factories.catalog import CategoryFactory, ListingFactory, PhotoFactory, variants_of
from tests.factories.orders import open_shop, parts_of
from tests.helpers import links_in, mails, send, sign_in
from tests.seller.conftest import fields_of

from .conftest import unlimited
from .hostile import MARK, MARKUP

WORDS = (*MARKUP, f"{MARK}{{{{7*7}}}}{{% if %}}", f"=1+1|{MARK}", f"</script><x-{MARK}>")
ROOM = 78  # of the shortest of the fields that take several words at once, the name of a workshop
MADE_OF_SUMS = re.compile(rf"54439|{MARK}49|{MARK}{{2}}")  # what the templates and loops above would have made
URLS = ("href", "src", "action", "formaction", "srcset", "data", "poster")
HEADERS = {
    *("content-type", "mime-version", "subject", "from", "to", "date", "message-id", "content-language"),
    *("auto-submitted", "x-auto-response-suppress", "reply-to", "content-transfer-encoding"),
}
PROBLEM = re.compile(r'href="#[^im][^>]*>[^<]*')
STORY = "Two brothers share one long bench in Celuk. Everything begins with small grains of silver."


def _hands(room: int = ROOM) -> list[str]:
    """The words, as many in one as a short field holds."""
    packed = [""]
    for word in WORDS:
        joined = f"{packed[-1]} {word}".strip()
        packed = [*packed[:-1], joined] if len(joined) <= room else [*packed, word]
    return packed


def plain(text: str) -> str:
    """As an eye reads it: neither white space nor invisible characters count."""
    return "".join(char for char in text if char.isprintable() and not char.isspace())


class Page(HTMLParser):
    """Every element with its attributes, the text between them, and the content of each script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str]]]] = []
        self.words: list[str] = []
        self.scripts: list[tuple[dict[str, str], str]] = []
        self._in_script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = [(name, value or "") for name, value in attrs]
        self.tags.append((tag, given))
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append((dict(given), ""))
        self.words += [value for _name, value in given]

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] = self.scripts[-1][0], self.scripts[-1][1] + data
        else:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        assert MARK not in data

    def unknown_decl(self, data: str) -> None:
        assert MARK not in data


def check(what: str, html: str) -> str:
    """Nothing of what was written has become more than text; gives all text and values as one reads them."""
    for word in WORDS:
        assert "<" not in word or word not in html, f"{what}: {word!r} stands there as it was typed"
    page = Page(html)
    for tag, attrs in page.tags:
        assert MARK not in tag, f"{what}: <{tag}>"
        for name, value in attrs:
            assert re.fullmatch(r"[a-z][a-z0-9:-]*", name, re.I), f"{what}: <{tag} {name!r}>"
            assert MARK not in name, f"{what}: <{tag} {name}>"
            assert not name.lower().startswith("on"), f"{what}: <{tag} {name}={value!r}>"
            if name in URLS:
                assert not value.strip().lower().startswith(("javascript", "data:text")), f"{what}: {name}={value!r}"
                assert value != "x", f"{what}: <{tag} {name}=x>"
    for attrs, script in page.scripts:
        assert attrs.get("src") or attrs.get("type") == "application/ld+json", f"{what}: <script {attrs}>"
        if not attrs.get("src"):
            page.words += _strings(json.loads(script))
    text = plain("\n".join(page.words))
    assert not MADE_OF_SUMS.search(text), f"{what}: a word was worked out"
    return text


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for one in data.values() if isinstance(data, dict) else data:
            yield from _strings(one)


@dataclass
class Town:
    """The people, and what each page has shown so far."""

    new_client: Callable[[], FlaskClient]
    admin: FlaskClient
    category: int
    shown: dict[str, str] = field(default_factory=dict)  # by the address, its numbers and words as #

    def read(self, browser: FlaskClient, path: str, *, status: int = 200) -> Any:
        answer = browser.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code}"
        return self.note(path, answer)

    def note(self, path: str, answer: Any) -> Any:
        if answer.mimetype == "application/pdf":  # what stands on papers is read in tests/pdf
            assert answer.data.startswith(b"%PDF")
            return answer
        text = plain(answer.text) if answer.mimetype != "text/html" else check(path, answer.text)
        kind = re.sub(r"(?<=/p/|/w/)[\w-]+|(?<=/orders/)[\w-]{16,}|(?<=/)\d+", "#", path.partition("?")[0])
        self.shown[kind] = self.shown.get(kind, "") + text
        return answer

    def act(self, browser: FlaskClient, path: str, data: dict[str, Any], page: str, status: int = 303) -> Any:
        """Fill in one of the person's own forms; the answer is read as well when it is a page."""
        with unlimited():
            answer = send(browser, path, data, page=page)
        assert answer.status_code == status, (
            path,
            answer.status_code,
            PROBLEM.findall(answer.text),
        )
        return self.note(page, answer) if status != 303 else answer

    def lacks(self, kinds: set[str], words: list[str]) -> list[tuple[str, str]]:
        return [(kind, word) for kind in kinds for word in words if plain(word) not in self.shown.get(kind, "")]


def _newest(model: type[Any]) -> Any:
    db.session.rollback()
    return db.session.scalars(db.select(model).order_by(model.id.desc()).limit(1)).one()


def sign_up(town: Town, word: str, name: str) -> FlaskClient:
    """A person with a hostile name and a browser."""
    browser = town.new_client()
    data = {"name": word, "email": f"{name}@example.com", "password": PASSWORD}
    town.act(browser, "/sign-up", {**data, "password": "1"}, "/sign-up", 422)
    began = fields_of(browser.get("/sign-up").text)["began"]
    town.act(browser, "/sign-up", {**data, "began": began}, "/sign-up")
    link = next(link for link in links_in(mails()[-1].text) if "/confirm/" in link)
    town.read(browser, link)
    town.act(browser, link, {}, link)
    user = _newest(User)
    assert plain(user.full_name) == plain(word)
    sign_in(browser, user)
    return browser


def open_workshop(town: Town, browser: FlaskClient, word: str) -> Workshop:
    """The application, a question back, and the approval."""
    user = _newest(User)
    form = {
        "workshop_name": word,
        "contact_name": word,
        "story": f"{word}\n{STORY}",
        "story_language": "en",
        "banjar": "Tangsub",
        "since_year": "1998",
        "specialities": ["granulation"],
        "artisan_count": "2",
        "form_of_address": "Ibu",
        "phone": "0812 3400 0031",
        "agreed": "y",
    }
    page = "/seller/apply/"
    town.act(browser, page, {**form, "phone": word}, page, 422)
    town.act(browser, page, form, page)
    workshops.add_application_photo(user.id, PhotoFactory(user_id=user.id).id, "bench")
    town.act(browser, f"{page}submission", form, page)
    town.read(browser, page)
    case = f"/admin/applications/{_newest(Application).id}"
    decision = f"{case}/decision"
    town.read(town.admin, "/admin/applications/")
    town.read(town.admin, "/admin/")
    town.act(town.admin, decision, {"decision": "ask", "words": word}, case, 422)
    town.act(town.admin, decision, {"decision": "ask", "ask_code": "story", "words": word}, case)
    town.read(browser, page)
    town.act(browser, f"{page}submission", form, page)
    town.act(town.admin, decision, {"decision": "yes"}, case)
    town.read(town.admin, case)
    workshop: Workshop = _newest(Workshop)
    assert plain(workshop.name) == plain(word)
    return workshop


def list_piece(town: Town, browser: FlaskClient, workshop: Workshop, word: str) -> Listing:
    """The workshop's own words, a piece, a refusal, and the approval."""
    settings = {"story_en": word, "story_id": word, "phone": "0812 3400 0031"}
    town.act(browser, "/seller/settings/", {**settings, "phone": word}, "/seller/settings/", 422)
    town.act(browser, "/seller/settings/", settings, "/seller/settings/")
    town.read(browser, "/seller/settings/")
    listing: Listing = ListingFactory(
        workshop_id=workshop.id, category_id=town.category, live=False, stock=9, engraving_limit=120
    )
    editor, review = f"/seller/listings/{listing.id}", f"/admin/listings/{listing.id}"
    both = ("title", "description", "stones", "dimensions", "texts-0-alt")
    form = {**fields_of(town.read(browser, editor).text), "category_id": str(town.category)}
    form |= {f"{name}_{language}": word for name in both for language in ("en", "id")}
    form.pop("photos", None)
    town.act(browser, editor, {**form, "price": word}, editor, 422)
    town.act(browser, f"{editor}/submission", {**form, "do": "publish"}, editor)
    seen = fields_of(town.read(town.admin, review).text)
    asked = {"version_id": seen["version_id"], "revision": seen["revision"], "decision": "ask", "words": word}
    town.act(town.admin, f"{review}/rejection", asked, review, 422)
    town.act(town.admin, f"{review}/rejection", {**asked, "ask_code": "words"}, review)
    again = {**fields_of(town.read(browser, editor).text), "do": "publish"}
    again.pop("photos", None)
    town.act(browser, f"{editor}/submission", again, editor)
    seen = fields_of(town.read(town.admin, review).text)
    asked = {"version_id": seen["version_id"], "revision": seen["revision"], "decision": "yes"}
    town.act(town.admin, f"{review}/approval", asked, review)
    for page in (editor, f"{editor}/preview", "/seller/listings/", "/seller/"):
        town.read(browser, page)
    for page in (review, "/admin/listings/?show=all", f"/admin/workshops/{workshop.id}", "/admin/workshops/"):
        town.read(town.admin, page)
    return listing


def buy(town: Town, listing: Listing, word: str) -> Order:
    """A guest with hostile wishes who lives in a hostile street."""
    browser, variant = town.new_client(), variants_of(listing)[0].id
    workshop = listing.workshop_id
    wish = {"listing_id": listing.id, "variant_id": variant, "quantity": "1", "engraving": word}
    town.note(f"/p/{listing.id}-x", browser.post("/cart/lines", data={**wish, "variant_id": word}))
    assert browser.post("/cart/lines", data=wish).status_code == 303
    town.act(browser, f"/cart/notes/{workshop}", {"text": word}, "/cart")
    for page in ("/cart", "/id/cart", "/checkout", "/me.json"):
        town.read(browser, page)
    typed = {**open_checkout(browser), **MAYA, "name": word, "street": word, "city": word}
    town.note("/checkout", press_pay(browser, {**typed, "phone": word, "postcode": word, "email": word}))
    with unlimited():
        answer = press_pay(browser, typed)
    assert answer.status_code == 303, PROBLEM.findall(answer.text)
    town.read(browser, answer.headers["Location"].removeprefix("http://127.0.0.1:5000"))
    order: Order = _newest(Order)
    orders.mark_paid(order.id, clock.now())
    town.read(browser, f"/orders/{order.token}")
    return order


def make(town: Town, maker: FlaskClient, order: Order, word: str) -> None:
    """The workshop reads it, prints the slip, and cannot send it."""
    part = parts_of(order)[0]
    page, admin_page = f"/seller/orders/{part.id}", f"/admin/orders/{order.id}"
    for path in (page, f"{page}/slip", "/seller/orders/", "/seller/", "/seller/earnings/"):
        town.read(maker, path)
    town.read(town.admin, admin_page)
    town.act(maker, f"{page}/refusal", {"reason": "", "words": word}, page, 422)
    town.act(maker, f"{page}/refusal", {"reason": "other", "words": word}, page)
    for path in (page, "/seller/orders/", "/seller/earnings/"):
        town.read(maker, path)
    for path in (admin_page, "/admin/orders/", "/admin/orders/?q=" + MARK, "/admin/"):
        town.read(town.admin, path)
    town.read(town.new_client(), f"/orders/{order.token}")


def rest(town: Town, maker: FlaskClient, listing: Listing, word: str) -> None:
    """A word to a count, a word to a holiday; buyers read the second while the shop is closed."""
    shelf, variant = f"/seller/listings/{listing.id}/stock", variants_of(listing)[0]
    counted = {"deed": "made", "number": "1", "note": word}
    town.act(maker, f"{shelf}/{variant.id}", {**counted, "saw": "0", "counted": word}, shelf, 422)
    town.act(maker, f"{shelf}/{variant.id}", {**counted, "saw": str(variant.stock)}, shelf)
    town.read(maker, shelf)
    guest, today = town.new_client(), clock.today().isoformat()
    guest.post("/cart/lines", data={"variant_id": variant.id, "quantity": 1})
    page = "/seller/holidays/"
    away = {"starts_on": today, "ends_on": today, "during": "closes", "message_en": word, "message_id": word}
    town.act(maker, page, {**away, "starts_on": word}, page, 422)
    town.act(maker, page, away, page)
    for path in (page, "/seller/settings/"):
        town.read(maker, path)
    town.read(town.admin, f"/admin/workshops/{listing.workshop_id}")
    slug = db.session.get_one(Workshop, listing.workshop_id).slug
    for path in ("/cart", f"/w/{slug}", guest.get(f"/p/{listing.id}-x").headers["Location"]):
        town.read(guest, path)


def end(town: Town, maker: FlaskClient, listing: Listing, word: str) -> None:
    """What the collective says when it takes something away."""
    piece, workshop = f"/admin/listings/{listing.id}", f"/admin/workshops/{listing.workshop_id}"
    town.act(town.admin, f"{piece}/takedown", {"code": "", "words": word}, piece, 422)
    town.act(town.admin, f"{piece}/takedown", {"code": "other", "words": word}, piece)
    town.act(town.admin, f"{workshop}/trust", {"act": "give", "why": word}, workshop)
    town.act(town.admin, f"{workshop}/suspension", {"code": "late", "words": word}, workshop)
    for path in (f"/seller/listings/{listing.id}", "/seller/listings/", "/seller/"):
        town.read(maker, path)
    for path in (piece, workshop, "/admin/listings/?show=all", "/admin/record/", "/admin/people/", "/admin/workshops/"):
        town.read(town.admin, path)


def keep_addresses(town: Town, word: str) -> None:
    browser = town.new_client()
    sign_in(browser, UserFactory())
    page = "/account/addresses"
    form = {"drawn_for": "AU", "country": "AU", **{name: MAYA[name] for name in MAYA if name != "email"}}
    form |= {"label": word[:60], "name": word, "street": word, "city": word}
    browser.post("/cart/destination", data={"country": "AU"})
    town.act(browser, page, {**form, "phone": word, "postcode": word}, page, 422)
    town.act(browser, page, form, page)
    for path in (page, "/id/account/addresses"):
        town.read(browser, path)
    ident = re.search(r"/account/addresses/(\d+)", browser.get(page).text)
    assert ident is not None
    town.read(browser, f"{page}/{ident[1]}")
    piece = _newest(Listing)
    assert browser.post("/cart/lines", data={"variant_id": variants_of(piece)[0].id, "quantity": 1}).status_code == 303
    town.read(browser, "/checkout")


def walk_past(town: Town, listings: list[Listing], category: str) -> None:
    """As strangers do, in both languages, twice: the second time much of the page comes from what was kept."""
    stranger = town.new_client()
    for market in ("", "/id", "", "/id"):
        for listing in listings:
            found = stranger.get(f"{market}/p/{listing.id}-x")
            town.read(stranger, found.headers.get("Location", f"{market}/p/{listing.id}-x"))
            slug = db.session.get_one(Workshop, listing.workshop_id).slug
            town.read(stranger, f"{market}/w/{slug}")
        for path in (f"/c/{category}", f"/search?q={MARK}", "/w", "/"):
            town.read(stranger, f"{market}{path}")
    index = stranger.get("/sitemap.xml").text
    town.read(stranger, "/sitemap.xml")
    parts = re.findall(r"/sitemap-[1-9]\d*\.xml", index)
    assert parts
    for path in parts:
        answer = stranger.get(path)
        assert answer.status_code == 200
        assert MARK + "(" not in answer.text


def check_mails(words: list[str]) -> None:
    """One reader, one line of subject, none but our own headers, and the words as words in both bodies."""
    folder = mail_folder()
    assert folder is not None
    seen = ""
    for path in folder.glob("*.eml"):
        message: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        names = [name.lower() for name in message]
        assert len(names) == len(set(names)), (path, names)
        assert set(names) <= HEADERS, set(names) - HEADERS
        assert len(message["To"].addresses) == 1
        assert all("thief" not in one.addr_spec for one in message["To"].addresses)
        for name, value in message.items():
            assert not set("\r\n") & set(str(value)), (name, value)
        assert not MADE_OF_SUMS.search(plain(str(message["Subject"]) + message.get_body(("plain",)).get_content()))
        seen += plain(message.get_body(("plain",)).get_content())
        seen += check(f"mail {message['Subject']}", message.get_body(("html",)).get_content())
    assert not [word for word in words if plain(word) not in seen]


@pytest.fixture
def town(app: Flask, new_client: Callable[[], FlaskClient]) -> Town:
    open_shop()
    admin = new_client()
    sign_in(admin, AdminFactory())
    above = CategoryFactory(slug="jewellery")
    return Town(new_client, admin, CategoryFactory(slug="rings-band", parent_id=above.id).id)


# Where a word must be found again, else this would be a walk past pages that show nothing.
SHOWING = {
    *(
        "/p/#",
        "/id/p/#",
        "/w/#",
        "/id/w/#",
        "/w",
        "/id/w",
        "/c/rings-band",
        "/id/c/rings-band",
        "/search",
        "/id/search",
    ),
    *("/cart", "/id/cart", "/checkout", "/orders/#", "/account/addresses", "/account/addresses/#"),
    *("/sign-up", "/seller/", "/seller/apply/", "/seller/settings/", "/seller/listings/", "/seller/listings/#"),
    *("/seller/listings/#/stock", "/seller/holidays/"),
    *("/seller/listings/#/preview", "/seller/orders/", "/seller/orders/#"),
    *("/admin/", "/admin/applications/", "/admin/applications/#", "/admin/listings/", "/admin/listings/#"),
    *("/admin/orders/", "/admin/orders/#", "/admin/workshops/", "/admin/workshops/#", "/admin/people/"),
    *("/admin/record/",),
}


def test_what_people_write_is_text_wherever_it_is_read(town: Town) -> None:
    hands = _hands()
    makers: list[FlaskClient] = []
    listings: list[Listing] = []
    for number, word in enumerate(hands):
        makers.append(sign_up(town, word, f"maker{number}"))
        listings.append(list_piece(town, makers[-1], open_workshop(town, makers[-1], word), word))
    walk_past(town, listings, "rings-band")
    for word in hands:
        keep_addresses(town, word)
    for maker, listing, word in zip(makers, listings, hands, strict=True):
        make(town, maker, buy(town, listing, word), word)
        rest(town, maker, listing, word)
        end(town, maker, listing, word)
    check_mails(hands)
    lacking = sorted({kind for kind, _word in town.lacks(SHOWING, hands)})
    assert lacking == []
