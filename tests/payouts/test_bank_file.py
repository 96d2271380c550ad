"""The bank's file: columns of docs/bank-file.md, zeros kept, no formulas, the same bytes each time."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from config import ROOT
from marketplace.core.clock import Hands
from marketplace.core.db import db
from marketplace.core.errors import NotFound
from marketplace.core.money import Money
from marketplace.payouts import services
from marketplace.payouts.errors import AccountUnreadable, NotSentYet
from marketplace.payouts.providers.manual import COLUMNS, FileLine, batch_file, for_bank
from marketplace.workshops.queries import BankDetails, bank_account_of
from tests.factories.payouts import Admins, earned, workshop

from .conftest import acts, payouts_of_run, prepared, sent

LUH = BankDetails(7, "002", "BRI", "000100100441750", "NI LUH AYU SELAKA")


def line(amount: int, name: str = "Luh Selaka", account: BankDetails = LUH) -> FileLine:
    return FileLine(31, Money(amount, "IDR"), name, account)


def parsed(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode())))


def test_a_row_holds_what_a_bank_needs() -> None:
    name, content = batch_file(41, date(2026, 11, 27), [line(3_180_000)], livemode=True)
    assert name == "perak-celuk-payouts-0041-20261127.csv"
    head, row, last = parsed(content)
    assert tuple(head) == COLUMNS
    assert dict(zip(COLUMNS, row, strict=True)) == {
        "NO": "1",
        "METHOD": "BI-FAST",
        "BANK_CODE": "002",
        "BANK_NAME": "BRI",
        "ACCOUNT_NUMBER": "000100100441750",
        "ACCOUNT_HOLDER": "NI LUH AYU SELAKA",
        "CURRENCY": "IDR",
        "AMOUNT": "3180000",
        "REFERENCE": "PC-PAYOUT-31",
        "REMARK": "PERAK CELUK RUN 41",
        "WORKSHOP": "LUH SELAKA",
    }
    assert (last[0], last[7], last[9]) == ("TOTAL", "3180000", "1 TRANSFERS")
    assert b'"000100100441750"' in content  # a text, quoted
    assert b",3180000," in content  # a number, not


def test_above_a_quarter_of_a_milliard_it_goes_by_rtgs() -> None:
    _name, content = batch_file(1, date(2026, 11, 27), [line(250_000_000), line(250_000_001)], livemode=True)
    assert [row[1] for row in parsed(content)[1:-1]] == ["BI-FAST", "RTGS"]


def test_a_file_of_test_money_says_so_in_its_name_and_first_row() -> None:
    name, content = batch_file(41, date(2026, 11, 27), [line(5)], livemode=False)
    assert name.startswith("TEST-")
    assert content.startswith(b'"TEST"')
    assert tuple(parsed(content)[1]) == COLUMNS


@given(text=st.text(max_size=200))
def test_no_text_is_a_formula_and_none_leaves_its_cell(text: str) -> None:
    cell = for_bank(text)
    assert re.fullmatch(r"([A-Z0-9][A-Z0-9 .,/()'-]*)?", cell)
    assert len(cell) <= 70
    _name, content = batch_file(1, date(2026, 11, 27), [line(5, text)], livemode=True)
    assert [len(row) for row in parsed(content)] == [len(COLUMNS)] * 3


def test_names_lose_their_marks_not_their_letters() -> None:
    assert for_bank("Café “Bun Patra” & Söhne") == "CAFE BUN PATRA SOHNE"
    assert for_bank("=HYPERLINK(1)") == "HYPERLINK(1)"


def test_every_column_is_documented() -> None:
    text = Path(ROOT / "docs" / "bank-file.md").read_text()
    assert re.findall(r"^\| `([A-Z_]+)`", text, re.MULTILINE) == list(COLUMNS)


def test_downloading_it_again_gives_the_same_bytes(people: Admins, stopped_clock: Hands) -> None:
    """Whatever has become of its payouts and accounts since."""
    stopped_clock.moment = datetime(2026, 11, 27, 18, tzinfo=UTC)  # Saturday 2 o'clock in Celuk
    one, two = workshop("Luh Selaka"), workshop("Toya Ning", number="0099999999")
    earned(one.id, 900)
    earned(two.id, 100)
    run_id = sent(people, one.id, two.id)
    first = services.bank_file(run_id, people.sari)
    assert first[0] == f"TEST-perak-celuk-payouts-{run_id:04d}-20261128.csv"
    paid, failed = payouts_of_run(run_id)
    services.mark_paid(paid.id, "ref", people.sari)
    services.mark_failed(failed.id, "closed", people.sari)
    stopped_clock.forward(days=3)
    assert services.bank_file(run_id, people.made) == first
    assert [row.actor_id for row in acts("payout_run.file")] == [people.sari, people.made]
    assert not any("0012345678" in str((row.before, row.after, row.reason)) for row in acts())


def test_a_file_is_there_when_the_run_was_sent(people: Admins) -> None:
    selaka = workshop()
    earned(selaka.id, 900)
    run_id = prepared(people, selaka.id)
    with pytest.raises(NotSentYet):
        services.bank_file(run_id, people.sari)
    services.approve_run(run_id, people.made)
    with pytest.raises(NotSentYet):
        services.bank_file(run_id, people.sari)
    with pytest.raises(NotFound):
        services.bank_file(10**9, people.sari)


def test_an_account_that_no_key_opens_is_named(people: Admins) -> None:
    selaka = workshop("Luh Selaka")
    earned(selaka.id, 900)
    run_id = sent(people, selaka.id)
    db.session.execute(sa.text("update bank_accounts set number_sealed = 'sealed elsewhere'"))
    db.session.commit()
    with pytest.raises(AccountUnreadable, match="Luh Selaka") as refused:
        services.bank_file(run_id, people.sari)
    assert "Luh Selaka" in refused.value.sentence
    view = bank_account_of(selaka.id)
    assert view is not None  # the workshop still sees which account it was
    assert view.masked == "···5678"
    assert acts("payout_run.file") == []


def test_an_account_of_another_workshop_never_stands_in_it(people: Admins) -> None:
    one, two = workshop("Luh Selaka"), workshop("Toya Ning", number="0099999999")
    earned(one.id, 900)
    earned(two.id, 100)
    run_id = sent(people, one.id)
    _name, content = services.bank_file(run_id, people.sari)
    assert b"0012345678" in content
    assert b"0099999999" not in content
