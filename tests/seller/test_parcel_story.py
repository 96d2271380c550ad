"""Parcels on the workshop's pages: a part now and the rest later, a number corrected, papers, and who sees no sums."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.orders import services
from marketplace.orders.models import SellerOrder
from marketplace.orders.services import Posting
from marketplace.workshops.models import MemberRole
from tests.factories.accounts import UserFactory
from tests.factories.orders import open_shop
from tests.factories.workshops import MemberFactory
from tests.helpers import sign_in
from tests.seller.conftest import Maker, fields_of
from tests.seller.test_order_story import bought, fresh, number_of

SUM = re.compile(r"Rp\s?\d|Rp\u00a0\d|US\$|\$\d")


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


@pytest.fixture
def kadek(luh: Maker, new_client: Callable[[], FlaskClient]) -> Maker:
    """Who packs in Luh's workshop."""
    user = UserFactory(language="id", full_name="Kadek Sari")
    MemberFactory(workshop_id=luh.workshop.id, user_id=user.id, role=MemberRole.PACKER)
    browser = new_client()
    sign_in(browser, user)
    return Packer(user, luh.workshop, browser)


class Packer(Maker):
    def token(self) -> str:
        """A packer has no settings; every order's page carries the token too."""
        form = re.search(r'action="(/seller/orders/\d+)/', self.get("/seller/orders/").text)
        page = form[1] if form else re.findall(r'href="(/seller/orders/\d+)', self.get("/seller/orders/").text)[0]
        return str(fields_of(self.get(page).text)["csrf_token"])


def accepted(luh: Maker, quantity: int = 3, **facts: Any) -> SellerOrder:
    part = bought(luh, quantity, stock=9, **facts)
    services.accept(part.id, workshop_id=luh.workshop.id, by=luh.user.id)
    return part


def line_id(luh: Maker, page: str) -> str:
    found = re.search(r'name="(pieces_\d+)"', luh.get(page).text)
    assert found is not None
    return found[1]


def test_two_of_three_now_the_third_later(luh: Maker) -> None:
    part = accepted(luh)
    page = f"/seller/orders/{part.id}"
    field = line_id(luh, page)
    sent = {"carrier": "pos", "tracking_number": "EE111111111ID", field: "4"}
    refused = luh.send(f"{page}/shipment", sent, page)
    assert refused.status_code == 422
    assert f'href="#{field}"' in refused.text
    assert "EE111111111ID" in refused.text, "nothing typed is lost"

    assert luh.send(f"{page}/shipment", {**sent, field: "2"}, page).status_code == 303
    assert fresh(part).status.value == "accepted"
    shown = luh.get(page).text
    assert "EE111111111ID" in shown
    assert "refusal" not in shown, "what has left in part is not refused"
    assert number_of(part) in luh.get("/seller/orders/").text, "the rest stays on the list"

    twice = luh.send(f"{page}/shipment", {**sent, field: "1"}, page)
    assert twice.status_code == 422, "the same number is the same parcel"
    rest = {"carrier": "pos", "tracking_number": "EE222222222ID"}
    assert luh.send(f"{page}/shipment", rest, page).status_code == 303
    assert fresh(part).status.value == "shipped"


def test_a_single_piece_asks_nothing_about_parts(luh: Maker) -> None:
    part = accepted(luh, 1)
    page = f"/seller/orders/{part.id}"
    assert 'name="pieces_' not in luh.get(page).text
    assert luh.send(f"{page}/shipment", {"carrier": "pos", "tracking_number": "EE1234"}, page).status_code == 303
    assert fresh(part).status.value == "shipped"


def test_a_wrong_number_is_corrected_on_the_page(luh: Maker, wayan: Maker) -> None:
    part = accepted(luh)
    by = {"workshop_id": luh.workshop.id, "by": luh.user.id}
    services.ship(part.id, Posting("pos", "EE111111111ID"), **by)  # type: ignore[arg-type]
    page = f"/seller/orders/{part.id}"
    found = re.search(rf"{page}/parcels/(\d+)/tracking", luh.get(page).text)
    assert found is not None
    address, good = found[0], {"carrier": "dhl", "tracking_number": "99887766"}
    bad = luh.post(address, {"carrier": "pos", "tracking_number": "!!"})
    assert bad.status_code == 422
    assert f'id="parcel-{found[1]}-tracking_number-e"' in bad.text, "the sentence stands at its field"
    assert wayan.post(address, good).status_code == 404
    other = accepted(luh)
    assert luh.post(f"/seller/orders/{other.id}/parcels/{found[1]}/tracking", good).status_code == 404
    assert luh.post(address, good).status_code == 303
    assert "99887766" in luh.get(page).text


def test_one_tap_on_the_list_and_back_to_the_list(luh: Maker) -> None:
    part = bought(luh, made_to_order=True, lead_time_days=10)
    home = luh.get("/seller/").text
    assert f"/seller/orders/{part.id}/acceptance" in home
    answer = luh.post(f"/seller/orders/{part.id}/acceptance", {"from": "home"})
    assert answer.headers["Location"].endswith("/seller/")
    assert f"/seller/orders/{part.id}/start" in luh.get("/seller/orders/").text
    answer = luh.post(f"/seller/orders/{part.id}/start", {"from": "orders"})
    assert answer.headers["Location"].endswith("/seller/orders/")
    assert fresh(part).status.value == "started"
    assert f"/seller/orders/{part.id}#post" in luh.get("/seller/").text
    answer = luh.post(f"/seller/orders/{bought(luh).id}/acceptance", {"from": "https://evil.example"})
    assert "evil" not in answer.headers["Location"]


def test_who_packs_sees_no_sums(luh: Maker, kadek: Maker) -> None:
    new, part = bought(luh, price=745_000), accepted(luh, price=745_000)
    pages = [
        "/seller/",
        "/seller/orders/",
        "/seller/orders/papers",
        *(f"/seller/orders/{one.id}" for one in (new, part)),
    ]
    for page in pages:
        shown = kadek.get(page)
        assert shown.status_code == 200, page
        assert not SUM.search(shown.text), page
    assert SUM.search(luh.get(pages[1]).text), "the owner does"
    assert SUM.search(luh.get(pages[-1]).text)
    assert kadek.get(f"/seller/refunds/{part.id}").status_code in (403, 404)


def test_who_packs_posts_under_their_own_name(luh: Maker, kadek: Maker) -> None:
    part = accepted(luh, 1)
    page = f"/seller/orders/{part.id}"
    assert kadek.send(f"{page}/shipment", {"carrier": "pos", "tracking_number": "EE1234"}, page).status_code == 303
    assert "Kadek Sari" in luh.get(page).text


@pytest.mark.parametrize("paper", ["slips", "labels", "picking"])
def test_papers_of_ticked_orders_are_pdfs(luh: Maker, wayan: Maker, paper: str) -> None:
    parts = [accepted(luh), bought(luh)]
    ticked = "&".join(f"order={part.id}" for part in parts)
    made = luh.get(f"/seller/orders/{paper}?{ticked}&start=8")
    assert made.mimetype == "application/pdf"
    assert made.data.startswith(b"%PDF-")
    assert "no-store" in made.headers["Cache-Control"]
    assert wayan.get(f"/seller/orders/{paper}?{ticked}").status_code == 404
    assert luh.get(f"/seller/orders/{paper}").status_code == 303, "nothing was ticked"
    for odd in ("order=x", "order=99999999999999999999", "order=-1", f"order={parts[0].id}&start=x&paper=z"):
        assert luh.get(f"/seller/orders/{paper}?{odd}").status_code in (200, 303)


def test_the_slip_of_a_part_and_of_one_of_its_parcels(luh: Maker, wayan: Maker) -> None:
    part = accepted(luh)
    page = f"/seller/orders/{part.id}/slip"
    for address in (page, f"{page}?copy=bench", f"{page}?parcel=1", f"{page}?parcel=x"):
        assert luh.get(address).data.startswith(b"%PDF-"), address
    assert wayan.get(page).status_code == 404


def test_what_is_due_until_a_day_is_ticked_already(luh: Maker) -> None:
    part = accepted(luh)
    due = fresh(part).ship_by_on
    ticked = re.compile(rf'value="{part.id}"\s+checked')
    assert ticked.search(luh.get(f"/seller/orders/papers?until={due.isoformat()}").text)
    assert not ticked.search(luh.get("/seller/orders/papers?until=2020-01-01").text)
    assert ticked.search(luh.get("/seller/orders/papers?until=nonsense").text)
