"""A month on paper: the page, the PDF and the CSV say what the books say, to the rupiah."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from marketplace.core import clock, pdf
from marketplace.core.db import db
from marketplace.core.i18n import gettext, speaking
from marketplace.ledger import queries as books
from marketplace.payouts import queries
from tests.factories.orders import open_shop
from tests.factories.payouts import admins, bank_account
from tests.seller.conftest import Maker
from tests.seller.earning import earned, fresh, here, number_of, paid_out, refunded, sold

LIST = "/seller/statements/"
OCTOBER = datetime(2026, 10, 26, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _shop(app: Any) -> None:
    open_shop()


@pytest.fixture
def hands(app: Any) -> Any:
    with clock.stopped(OCTOBER) as stopped:
        yield stopped


def rupiah(amount: int) -> str:
    return f"Rp\u00a0{amount:,}".replace(",", ".")


def signed(amount: int) -> str:
    return f"−{rupiah(-amount)}" if amount < 0 else rupiah(amount)


def two_months(maker: Maker, hands: clock.Hands) -> Any:
    """October: two sales and a payout. November: a refund of one of them, and a sale that the year ends with."""
    people = admins()
    bank_account(maker.workshop.id)
    one, two = sold(maker, price=1_000_000, title_id="=Gelang"), sold(maker, 2, price=425_000)
    refunded(maker, two, 50_000)
    earned(maker, hands, one, two)  # 29 October
    paid_out(maker, people)
    hands.forward(days=5)  # 3 November
    refunded(maker, one, 300_000, reason="+62 terlambat")
    three = sold(maker, price=700_000)
    earned(maker, hands, three)  # 6 November
    return one, two, three


def rows_of(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data[3:].decode()), delimiter=";"))


def number(text: str) -> int:
    return int(text or 0)


def test_page_pdf_and_csv_say_what_the_books_say(luh: Maker, hands: clock.Hands) -> None:
    one, two, three = two_months(luh, hands)
    october = queries.statement(luh.workshop.id, 2026, 10)
    november = queries.statement(luh.workshop.id, 2026, 11)
    assert october is not None
    assert november is not None
    assert october.opening.amount == 0
    assert october.closing == november.opening
    assert november.closing == books.owed_to(luh.workshop.id)
    for found, month in ((october, "2026-10"), (november, "2026-11")):
        page = luh.get(f"{LIST}{month}").text
        sums = found.sums
        for amount in (
            found.opening,
            found.closing,
            sums.price,
            sums.commission,
            sums.shipping,
            sums.refund,
            sums.payout,
        ):
            assert signed(amount.amount) in page, (month, amount)
        for row in found.rows:
            assert signed(row.balance.amount) in page
        table = rows_of(luh.get(f"{LIST}{month}.csv").data)
        columns = list(table[0])
        price, fee, postage, refund, other, payout, amount, balance = columns[-8:]
        body = table[1:-1]
        assert number(table[0][balance]) == found.opening.amount
        assert number(table[-1][balance]) == found.closing.amount
        for column, expected in (
            (price, sums.price),
            (fee, sums.commission),
            (postage, sums.shipping),
            (refund, sums.refund),
            (other, sums.other),
            (payout, sums.payout),
        ):
            assert sum(number(row[column]) for row in body) == expected.amount, (month, column)
        moved = sum(number(row[amount]) for row in body)
        assert found.opening.amount + moved == found.closing.amount
        document = luh.get(f"{LIST}{month}.pdf")
        assert document.data.startswith(b"%PDF-")
        assert document.content_type == "application/pdf"
    assert number_of(two) in luh.get(f"{LIST}2026-10").text
    assert number_of(three) in luh.get(f"{LIST}2026-11").text
    assert october.sums.price.amount == 1_850_000
    assert november.sums.price.amount == 700_000
    assert november.sums.refund.amount == -fresh(one).payable_returned_idr


def test_the_files_are_named_after_month_and_workshop_and_stay_private(luh: Maker, hands: clock.Hands) -> None:
    two_months(luh, hands)
    with speaking("id"):
        name = gettext("statement-%(month)s-%(workshop)s", month="2026-11", workshop="luh-selaka")
    for ending in ("pdf", "csv"):
        answer = luh.get(f"{LIST}2026-11.{ending}")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}.{ending}"'
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_no_cell_is_a_formula(luh: Maker, hands: clock.Hands) -> None:
    two_months(luh, hands)
    cells = [cell for row in rows_of(luh.get(f"{LIST}2026-10.csv").data) for cell in row.values()]
    assert "'=Gelang" in cells
    for cell in cells:
        assert not cell or cell[0] not in "=+@\t\r"
        assert not cell.startswith("-") or cell[1:].isdigit()


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_list_gives_the_year_for_the_tax_return(luh: Maker, hands: clock.Hands, language: str) -> None:
    luh.user.language = language
    db.session.commit()
    with speaking(language):
        assert gettext("No statement yet") in luh.get(LIST).text
    two_months(luh, hands)
    hands.forward(days=62)  # 7 January
    earned(luh, hands, sold(luh, price=500_000))
    shown = luh.get(LIST).text
    whole = [queries.statement(luh.workshop.id, 2026, month) for month in (10, 11, 12)]
    assert all(whole)
    for column in ("price", "commission", "refund"):
        total = sum(getattr(found.sums, column).amount for found in whole if found)
        assert signed(total) in shown, column
    net = sum(row.amount.amount for found in whole if found for row in found.rows if not row.payout_id)
    assert signed(net) in shown
    with speaking(language):
        assert gettext("Net in %(year)s", year=2026) in shown
        assert gettext("Net in %(year)s", year=2027) in shown
    for code in ("2026-10", "2026-11", "2026-12", "2027-01"):
        assert f"{LIST}{code}" in shown, code
        assert luh.get(f"{LIST}{code}").status_code == 200
    with speaking(language):
        assert gettext("Nothing was booked in this month.") in luh.get(f"{LIST}2026-12").text


def test_a_month_that_is_none_is_not_there(luh: Maker, hands: clock.Hands) -> None:
    two_months(luh, hands)
    for code in ("2026-09", "2026-12", "2026-13", "2026-00", "2026-1", "1999-10", "x", "2026-11-01", "٢٠٢٦-11"):
        for ending in ("", ".pdf", ".csv"):
            assert luh.get(f"{LIST}{code}{ending}").status_code == 404, (code, ending)


def test_everybody_has_only_their_own_month(luh: Maker, wayan: Maker, hands: clock.Hands) -> None:
    one, *_rest = two_months(luh, hands)
    here(wayan)
    assert wayan.get(f"{LIST}2026-10").status_code == 404, "nothing of theirs was booked in October"
    for path in (f"{LIST}2026-11", f"{LIST}2026-11.csv", LIST):
        answer = wayan.get(path)
        assert answer.status_code == 200
        assert number_of(one) not in answer.text


@pytest.mark.parametrize("count", [0, 3, 60])
def test_the_paper_holds_any_month(luh: Maker, count: int) -> None:
    """Nobody sells sixty pieces in a test: the facts are those of a month that did."""
    from marketplace.seller.papers import facts_of

    found = queries.statement(luh.workshop.id, 2026, 11)
    assert found is not None
    with luh.browser.application.test_request_context():
        from flask import g

        g.workshop = luh.workshop
        facts = facts_of(found)
    row = {"day": "27/11", "what": "Sale", "order": "PC-20352", "items": ["Gelang [x] #1 *_$"], "figures": ["Rp 1"] * 6}
    facts["rows"] = [row] * count
    pages = pdf.pictures("statement", facts, dots_per_inch=40)
    assert len(pages) == (1 if count < 60 else len(pages))
    assert all(page.startswith(b"\x89PNG") for page in pages)


@pytest.mark.parametrize("path", [LIST, f"{LIST}2026-11", f"{LIST}2026-11.csv"])
def test_as_many_statements_for_a_full_month_as_for_an_empty_one(
    luh: Maker, hands: clock.Hands, statements: Any, path: str
) -> None:
    two_months(luh, hands)
    luh.get(path)
    with statements() as few:
        luh.get(path)
    earned(luh, hands, *(sold(luh, price=300_000) for _number in range(6)))
    with statements() as many:
        luh.get(path)
    assert len(many) == len(few)
    assert len(many) <= 12
