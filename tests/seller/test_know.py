"""What a workshop knows of its visitors, and what of it each of its people sees."""

from __future__ import annotations

import csv
import io
import re
import time
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import Listing
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.insights.models import DailyCount, Deed
from marketplace.insights.queries import known
from marketplace.search import services as search
from marketplace.workshops.models import Member, MemberRole
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.orders import JAKARTA, open_shop, paid_order
from tests.insights.looking import looked

from .conftest import Maker

PAGE = "/seller/know/"
AT_HOME: dict[str, Any] = {"address": JAKARTA, "language": "id", "market": "id"}


@pytest.fixture(autouse=True)
def _shop(app: Any) -> None:
    open_shop()


def ring(maker: Maker, **facts: Any) -> Any:
    return ListingFactory(workshop=maker.workshop, **facts)


def lines(maker: Maker, path: str) -> list[list[str]]:
    answer = maker.get(path)
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))


def become(maker: Maker, role: MemberRole) -> None:
    with transaction():
        db.session.execute(sa.update(Member).where(Member.user_id == maker.user.id).values(role=role))


def test_pieces_and_countries_with_what_came_of_it(luh: Maker) -> None:
    dome, signet = ring(luh, title_id="Cincin Kubah"), ring(luh, title_id="Cincin Stempel")
    looked(dome, 40, "AU")
    looked(dome, 10, "ID")
    looked(dome, 6, "AU", Deed.SAVE)
    looked(dome, 2, "AU", Deed.BAG)
    looked(signet, 6, "ID")
    looked(signet, 3, "NL")
    looked(ListingFactory(), 99)  # another workshop's
    paid_order((variants_of(dome)[0].id, 2), **AT_HOME)
    assert lines(luh, f"{PAGE}pieces.csv?weeks=4")[1:] == [
        ["Cincin Kubah", "50", "6", "2", "1", "2", "2", "1490000"],
        ["Cincin Stempel", "9", "0", "0", "0", "0", "0", "0"],
    ]
    countries = lines(luh, f"{PAGE}countries.csv")[1:]
    assert [row[1:6] for row in countries] == [["40", "6", "2", "0", "0"], ["19", "0", "0", "1", "2"]]
    assert countries[0][0] == "Australia"
    assert lines(luh, f"{PAGE}weeks.csv")[-1][1:6] == ["59", "6", "2", "1", "2"]
    assert luh.get(f"{PAGE}secrets.csv").status_code == 404


def test_three_dutch_visitors_cannot_be_computed(luh: Maker) -> None:
    """The total less what is shown is Indonesia's and theirs together, so neither stands alone."""
    dome = ring(luh)
    for country, count in (("AU", 20), ("ID", 7), ("NL", 3)):
        looked(dome, count, country)
    groups = known.report(luh.workshop.id, 4).countries
    assert [(group.name, group.figures.views) for group in groups] == [("AU", 20), ("", 10)]
    page = luh.get(PAGE).text
    assert "Belanda" not in page
    assert "Indonesia" not in re.sub(r"<header.*?</header>", "", page, flags=re.S)


def test_small_pieces_are_one_row(luh: Maker) -> None:
    for title, count in (("A", 9), ("B", 6), ("C", 3), ("D", 3)):
        looked(ring(luh, title_id=title), count)
    rows = [row[:2] for row in lines(luh, f"{PAGE}pieces.csv")[1:]]
    assert rows[:2] == [["A", "9"], ["B", "6"]]
    assert [row[1] for row in rows[2:]] == ["6"]
    assert luh.get(PAGE).status_code == 200


def test_one_person_who_looks_at_ten_pieces_is_no_group(luh: Maker, stopped_clock: clock.Hands) -> None:
    pieces = [ring(luh) for _number in range(10)]
    for piece in pieces:
        with transaction():
            for country, views in (("NL", 1), ("AU", 6)):
                db.session.add(
                    DailyCount(
                        listing_id=piece.id,
                        happened_on=clock.today(),
                        country=country,
                        workshop_id=luh.workshop.id,
                        views=views,
                    )
                )
    groups = known.report(luh.workshop.id, 4).countries
    assert [(group.name, group.figures.views, group.visitors) for group in groups] == [("", 70, 7)]


def test_fewer_than_five_in_all_are_not_said(luh: Maker) -> None:
    dome = ring(luh)
    looked(dome, 4)
    looked(dome, 2, deed=Deed.SAVE)
    paid_order((variants_of(dome)[0].id, 1), **AT_HOME)
    report = known.report(luh.workshop.id, 4)
    assert report.is_hidden
    assert (report.whole.views, report.whole.saves, report.whole.pieces) == (0, 0, 1)
    assert lines(luh, f"{PAGE}weeks.csv")[-1][1:4] == ["0", "0", "0"]
    assert luh.get(PAGE).status_code == 200


def test_money_is_for_those_who_may_see_it(luh: Maker) -> None:
    dome = ring(luh, price=745_000)
    looked(dome, 9)
    paid_order((variants_of(dome)[0].id, 1), **AT_HOME)
    assert "745.000" in luh.get(PAGE).text
    become(luh, MemberRole.MAKER)
    assert "745.000" not in luh.get(PAGE).text
    assert "745000" not in luh.get(f"{PAGE}pieces.csv").text
    become(luh, MemberRole.PACKER)
    for path in (PAGE, f"{PAGE}pieces.csv", "/seller/demand/", "/seller/demand/searched.csv"):
        assert luh.get(path).status_code == 403, path


def test_a_title_is_no_formula(luh: Maker) -> None:
    looked(ring(luh, title_id="=HYPERLINK(1)"), 9)
    for number in range(5):
        search.log_query("id", "+cmd|calc", 0, country="ID", visitor=f"{number:016x}")
    assert lines(luh, f"{PAGE}pieces.csv")[1][0] == "'=HYPERLINK(1)"
    assert lines(luh, "/seller/demand/searched.csv")[1][0] == "'+cmd|calc"


@pytest.mark.parametrize("weeks", ["4", "12", "52", "999", "x"])
def test_any_period_is_a_page(luh: Maker, stopped_clock: clock.Hands, weeks: str) -> None:
    looked(ring(luh), 9)
    stopped_clock.forward(weeks=3)
    answer = luh.get(f"{PAGE}?weeks={weeks}")
    assert answer.status_code == 200
    assert 'class="chart"' in answer.text


def test_as_many_statements_for_much_as_for_little(luh: Maker, statements: Any, stopped_clock: clock.Hands) -> None:
    def pages() -> list[int]:
        found = []
        for path in (PAGE, f"{PAGE}pieces.csv", "/seller/demand/"):
            db.session.rollback()
            with statements() as done:
                assert luh.get(path).status_code == 200
            found.append(len(done))
        return found

    looked(ring(luh), 9)
    few = pages()
    for number in range(6):
        piece = ring(luh)
        looked(piece, 9, ("AU", "NL", "US")[number % 3])
        paid_order((variants_of(piece)[0].id, 1), **AT_HOME)
    assert pages() == few


def test_ten_thousand_pieces_are_known_quickly(luh: Maker) -> None:
    now = clock.now()
    first = ring(luh)
    base = {"workshop_id": luh.workshop.id, "approved_version_id": first.approved_version_id}
    rows = [{**base, "sku": f"N-{number}", "created_at": now, "updated_at": now} for number in range(10_000)]
    db.session.execute(sa.insert(Listing), rows)
    db.session.commit()
    ids = db.session.scalars(sa.select(Listing.id).where(Listing.workshop_id == luh.workshop.id)).all()
    counts = [
        {
            "listing_id": ident,
            "happened_on": clock.today(),
            "country": country,
            "workshop_id": luh.workshop.id,
            "views": 3,
        }
        for ident in ids
        for country in ("AU", "ID", "US")
    ]
    db.session.execute(sa.insert(DailyCount), counts)
    db.session.commit()
    began = time.process_time()
    assert luh.get(f"{PAGE}?weeks=52").status_code == 200
    spent = time.process_time() - began
    assert spent < 2, spent
