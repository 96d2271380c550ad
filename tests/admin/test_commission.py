"""What the collective keeps: entered with a day, shown in the order in which it counts, never backdated."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.audit.models import AuditRow
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.orders.commission import rates
from marketplace.orders.models import CommissionRate
from tests.admin.conftest import enter, post
from tests.factories.accounts import AdminFactory
from tests.factories.catalog import CategoryFactory
from tests.factories.orders import open_shop, paid_order, parts_of, piece
from tests.factories.workshops import WorkshopFactory

ADDRESS = "/admin/commission/"


def wish(**facts: Any) -> dict[str, Any]:
    return {"percent": "8", "valid_from": clock.today().isoformat(), "why": "Agreed at the meeting", **facts}


def test_without_any_rate_the_shops_own_stands_there(client: FlaskClient, admin: User) -> None:
    page = client.get(ADDRESS).text
    assert "All pieces" in page
    assert "8%" in page
    assert "Rp\u00a040.000" in page  # of a piece of Rp 500.000
    assert "Rp\u00a0460.000" in page


@pytest.mark.parametrize(("typed", "bp"), [("8", 800), ("7,5", 750), ("7.25 %", 725), ("0", 0), ("50", 5000)])
def test_a_percentage_is_typed_as_people_write_it(client: FlaskClient, admin: User, typed: str, bp: int) -> None:
    assert post(client, ADDRESS, wish(percent=typed)).status_code == 303
    row = db.session.scalars(sa.select(CommissionRate)).one()
    assert (row.basis_points, row.valid_from, row.created_by) == (bp, clock.today(), admin.id)
    act = db.session.scalars(sa.select(AuditRow).where(AuditRow.action == "commission.set")).one()
    assert (act.actor_id, act.subject_id, act.reason) == (admin.id, row.id, "Agreed at the meeting")
    assert act.after["basis_points"] == bp


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"percent": "51"}, "Write a number from 0 to 50."),
        ({"percent": "-1"}, "Write a number from 0 to 50."),
        ({"percent": "7,125"}, "Write a number from 0 to 50."),
        ({"percent": "7.1234"}, "Write at most two decimals"),
        ({"percent": "NaN"}, "Write this as a number"),
        ({"percent": ""}, "Write the percentage"),
        ({"valid_from": "2020-01-01"}, "A rate counts from today at the earliest"),
        ({"valid_from": "2199-01-01"}, "more than two years away"),
        ({"valid_from": "soon"}, "Not a valid date value."),
        ({"floor": "50.000", "cap": "20.000"}, "The least is higher than the most"),
        ({"floor": "-5"}, "Write whole rupiah"),
        ({"cap": "half"}, "Write the price in rupiah"),
        ({"workshop": "987654"}, "Not a valid choice."),
        ({"category": "x"}, "Not a valid choice."),
        ({"why": ""}, "Write why"),
    ],
)
def test_a_wrong_rate_is_named_and_nothing_is_entered(
    client: FlaskClient, admin: User, facts: dict[str, str], sentence: str
) -> None:
    answer = post(client, ADDRESS, wish(**facts))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CommissionRate)) == 0


def test_rates_stand_in_the_order_in_which_they_count(client: FlaskClient, admin: User, stopped_clock: Any) -> None:
    workshop = WorkshopFactory(name="Luh Selaka")
    above = CategoryFactory(name_en="Jewellery")
    rings = CategoryFactory(name_en="Rings", parent_id=above.id)
    for facts in (
        {"percent": "10"},
        {"percent": "9", "category": above.id},
        {"percent": "7", "category": rings.id, "floor": "15.000", "cap": "1 jt"},
        {"percent": "6", "workshop": workshop.id},
        {"percent": "5", "workshop": workshop.id, "category": rings.id},
    ):
        assert post(client, ADDRESS, wish(**facts)).status_code == 303
    stopped_clock.forward(days=2)
    enter(client, admin)
    assert post(client, ADDRESS, wish(percent="11")).status_code == 303
    page = client.get(ADDRESS).text
    places = [page.index(f'<th scope="row">{name}</th>') for name in ("Luh Selaka, Rings", "Luh Selaka", "Rings")]
    places += [page.index(f'<th scope="row">{name}</th>') for name in ("Jewellery", "Everything else")]
    assert places == sorted(places)
    assert "at least Rp\u00a015.000" in page
    assert "at most Rp\u00a01.000.000" in page
    assert page.index("11%") < page.index("What was") < page.rindex("10%")
    counts = rates(clock.today())
    assert counts.basis_points(workshop.id, rings.id) == 500
    assert counts.basis_points(workshop.id, above.id) == 600
    assert counts.basis_points(workshop.id + 1, rings.id) == 700
    assert counts.basis_points(workshop.id + 1, None) == 1100


def test_a_coming_rate_can_be_taken_back_and_one_that_counts_cannot(
    client: FlaskClient, admin: User, stopped_clock: Any
) -> None:
    day = clock.today() + timedelta(days=10)
    post(client, ADDRESS, wish(percent="12", valid_from=day.isoformat()))
    post(client, ADDRESS, wish(percent="9", valid_from=day.isoformat()))
    page = client.get(ADDRESS).text
    assert "What comes" in page
    assert rates(clock.today()).basis_points(1, None) == 800
    first, second = db.session.scalars(sa.select(CommissionRate).order_by(CommissionRate.id)).all()
    idents = first.id, second.id
    assert post(client, f"{ADDRESS}{idents[0]}/withdrawal", {"why": ""}).status_code == 422
    answer = post(client, f"{ADDRESS}{idents[0]}/withdrawal", {"why": "A slip"}, follow_redirects=True)
    assert "It never counted for any order" in answer.text
    stopped_clock.forward(days=11)
    enter(client, admin)
    assert rates(clock.today()).basis_points(1, None) == 900
    answer = post(client, f"{ADDRESS}{idents[1]}/withdrawal", {"why": "Too late"}, follow_redirects=True)
    assert "This rate counts already" in answer.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CommissionRate)) == 1


def test_an_order_keeps_the_rate_that_it_was_placed_with(client: FlaskClient, admin: User) -> None:
    open_shop()
    order = paid_order((piece(), 1))
    before = parts_of(order)[0].commission_idr
    post(client, ADDRESS, wish(percent="20"))
    assert parts_of(order)[0].commission_idr == before
    after = parts_of(paid_order((piece(), 1)))[0].commission_idr
    assert after > before > 0


def test_the_page_in_indonesian(client: FlaskClient) -> None:
    enter(client, AdminFactory(language="id"))
    assert 'lang="id"' in client.get(ADDRESS).text
