"""Money that one can see: what comes on Friday, why the rest waits, lines with balances, the slip of a payout."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import gettext, speaking
from marketplace.ledger import queries as books
from marketplace.orders import services as orders
from marketplace.payouts import services as payouts
from tests.factories.orders import open_shop
from tests.factories.payouts import admins, bank_account
from tests.helpers import mails
from tests.seller.conftest import Maker
from tests.seller.earning import arrived, earned, fresh, here, number_of, paid_out, posted, refunded, sent_out, sold

PAGE, ACCOUNT = "/seller/earnings/", "/seller/account/"
MONDAY = datetime(2026, 11, 16, 2, tzinfo=UTC)  # ten in the morning in Celuk


@pytest.fixture(autouse=True)
def _shop(app: Any) -> None:
    open_shop()


@pytest.fixture
def hands(app: Any) -> Any:
    with clock.stopped(MONDAY) as stopped:
        yield stopped


def rupiah(amount: int) -> str:
    return f"Rp\u00a0{amount:,}".replace(",", ".")


def speak(maker: Maker, language: str) -> None:
    maker.user.language = language
    db.session.commit()


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_order_says_when_its_money_comes_or_why_not_yet(luh: Maker, hands: clock.Hands, language: str) -> None:
    speak(luh, language)
    bank_account(luh.workshop.id, "000000004417", code="002")
    done, held = sold(luh, price=2_490_000, title_id="Gelang Anyam"), sold(luh, price=425_000)
    earned(luh, hands, done)  # Thursday
    road, bench, new = posted(luh, sold(luh)), sold(luh), sold(luh)
    orders.accept(bench.id, workshop_id=luh.workshop.id)
    arrived(luh, held)
    here(luh)
    shown = luh.get(PAGE).text
    with speaking(language):
        friday = "Jumat, 20 November" if language == "id" else "Friday, 20 November"
        assert gettext("Comes on %(day)s", day=friday) in shown
        assert gettext("Comes %(day)s", day="20 Nov") in shown
        for sentence in (
            gettext("waits for your answer"),
            gettext("not yet posted"),
            gettext("on its way to the buyer"),
        ):
            assert sentence in shown, sentence
        arrival = gettext("arrived on %(day)s", day="19 November")
        told = gettext("%(arrived)s, free on %(day)s unless the buyer reports something", arrived=arrival, day="22 Nov")
        assert told in shown
        assert gettext("Comes %(day)s", day="27 Nov") in shown, "free on Sunday, so on the Friday after"
        assert gettext("Service fee %(percent)s", percent="8%") in shown
    assert rupiah(fresh(done).payable_idr) in shown
    assert "4417" in shown
    for part in (done, held, road, bench, new):
        assert number_of(part) in shown


def test_the_sums_of_the_next_payout_add_up_with_a_refund_in_them(luh: Maker, hands: clock.Hands) -> None:
    bank_account(luh.workshop.id)
    one, two = sold(luh, price=2_490_000), sold(luh, price=850_000)
    refunded(luh, two, 100_000)
    earned(luh, hands, one, two)
    shown = luh.get(PAGE).text
    both = [fresh(one), fresh(two)]
    price = 2_490_000 + 850_000
    postage = sum(part.shipping_idr for part in both)
    fee = sum(part.commission_idr for part in both)
    due = sum(part.payable_idr - part.payable_returned_idr for part in both)
    back = both[1].payable_returned_idr
    assert 0 < back < 100_000, "the collective gives back its part"
    assert price + postage - fee - back == due
    assert books.owed_to(luh.workshop.id).amount == due
    for text in (rupiah(price), rupiah(postage), f"−{rupiah(fee)}", f"−{rupiah(back)}", rupiah(due)):
        assert text in shown, text
    assert f"−{rupiah(100_000)}" in shown, "the order says what the buyer got"
    assert rupiah(both[1].commission_returned_idr) in shown


@pytest.mark.parametrize("language", ["id", "en"])
def test_without_an_account_it_says_so_and_leads_there(luh: Maker, hands: clock.Hands, language: str) -> None:
    speak(luh, language)
    earned(luh, hands, sold(luh))
    shown = luh.get(PAGE).text
    with speaking(language):
        assert gettext("Waits for your bank account") in shown
        assert gettext("Waits for the account") in shown
    assert 'href="/seller/bank/"' in shown


def test_a_new_account_moves_the_day(luh: Maker, hands: clock.Hands) -> None:
    part, next_one = sold(luh), sold(luh)
    earned(luh, hands, part)
    arrived(luh, next_one)
    here(luh)
    account = bank_account(luh.workshop.id)
    account.usable_at = datetime(2026, 11, 28, tzinfo=UTC)
    db.session.commit()
    shown = luh.get(PAGE).text
    with speaking("id"):
        assert gettext("Comes on %(day)s", day="Jumat, 4 Desember") in shown
        reason = gettext(
            "The account is new: payouts begin again on %(day)s. The money stays safe until then.", day="28 November"
        )
        assert reason in shown
        assert shown.count(gettext("Comes %(day)s", day="4 Des")) == 2, (
            "the other is free in time for the 27th, and waits too"
        )


def test_a_debt_is_carried_and_never_asked_for(luh: Maker, hands: clock.Hands) -> None:
    people, part = admins(), sold(luh, price=1_000_000)
    bank_account(luh.workshop.id)
    earned(luh, hands, part)
    paid_out(luh, people)
    refunded(luh, part, 300_000)
    here(luh)
    owed = books.owed_to(luh.workshop.id).amount
    assert owed < 0
    shown = luh.get(PAGE).text
    with speaking("id"):
        assert gettext("The balance is below zero") in shown
        assert gettext("Refund to the buyer") in shown
    assert f"−{rupiah(-owed)}" in shown
    assert f"−{rupiah(-owed)}" in luh.get(ACCOUNT).text


def test_the_collectives_hold_says_its_reason(luh: Maker, hands: clock.Hands) -> None:
    people = admins()
    bank_account(luh.workshop.id)
    earned(luh, hands, sold(luh))
    payouts.hold_payouts(luh.workshop.id, "Menunggu salinan KTP", people.sari)
    assert "Menunggu salinan KTP" in luh.get(PAGE).text


def test_a_payout_on_its_way_then_paid_then_back(luh: Maker, hands: clock.Hands) -> None:
    people, part = admins(), sold(luh, title_id="Cincin Kubah")
    bank_account(luh.workshop.id, "000000004417", code="002")
    earned(luh, hands, part)
    run_id = payouts.prepare_run([luh.workshop.id], people.sari, livemode=False)
    prepared = luh.get(PAGE).text
    with speaking("id"):
        assert gettext("Being paid out") in prepared
        assert gettext("Comes %(day)s", day="20 Nov") in prepared
    assert "/seller/payouts/1" not in prepared, "nothing was sent yet"
    payouts.cancel_run(run_id, "Tanggal salah", people.sari)
    payout_id = sent_out(luh, people)
    slip = f"/seller/payouts/{payout_id}"
    sending = luh.get(PAGE).text
    assert slip in sending
    with speaking("id"):
        assert gettext("on its way to your bank") in sending
        assert gettext("On its way to your bank") in luh.get(slip).text
        payouts.mark_paid(payout_id, "FT2633012345", people.sari)
        assert slip in mails()[-1].text, "the mail leads to the slip"
        shown = luh.get(slip).text
        for text in (gettext("The bank has it"), number_of(part), "FT2633012345", "4417", "Cincin Kubah"):
            assert text in shown, text
        assert rupiah(fresh(part).payable_idr) in shown
        page = luh.get(PAGE).text
        assert gettext("in your bank since %(day)s", day="19 November") in page
        payouts.mark_returned(payout_id, "Rekening ditutup", people.sari)
        shown = luh.get(slip).text
        assert gettext("The bank sent it back") in shown
        assert "Rekening ditutup" in shown
        assert 'href="/seller/bank/"' in shown
        again = luh.get(PAGE).text
        assert gettext("The bank sent the last payout back") in again
        assert gettext("Waits for the account") in again
    assert slip in luh.get("/seller/payouts/").text


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_running_account_shows_every_line_with_its_balance(luh: Maker, hands: clock.Hands, language: str) -> None:
    speak(luh, language)
    people, one, two = admins(), sold(luh, price=1_000_000), sold(luh, price=500_000)
    bank_account(luh.workshop.id)
    with speaking(language):
        assert gettext("Nothing booked yet") in luh.get(ACCOUNT).text
    earned(luh, hands, one, two)
    payout_id = paid_out(luh, people)
    refunded(luh, one, 200_000, "Patri retak di dua tempat")
    here(luh)
    shown = luh.get(ACCOUNT).text
    with speaking(language):
        for word in ("Sale", "Paid out", "Refund to the buyer"):
            assert gettext(word) in shown, word
    for text in (number_of(one), number_of(two), f"/seller/payouts/{payout_id}", "Patri retak di dua tempat"):
        assert text in shown, text
    movements = books.running_account(luh.workshop.id).rows
    assert len(movements) == 4
    assert movements[0].balance == books.owed_to(luh.workshop.id)
    for row in movements:
        assert rupiah(abs(row.balance.amount)) in shown


def test_a_long_account_goes_page_by_page_without_losing_a_line(luh: Maker, hands: clock.Hands) -> None:
    parts = [sold(luh, price=100_000 + 1_000 * number) for number in range(3)]
    earned(luh, hands, *parts)
    for _number in range(25):
        for part in parts[:2]:
            refunded(luh, part, 1_000)
    here(luh)
    first = luh.get(ACCOUNT).text
    after = first.split(f"{ACCOUNT}?after=")[1].split('"')[0]
    second = luh.get(f"{ACCOUNT}?after={after}").text
    assert first.count("<tr>") - 1 + second.count("<tr>") - 1 == 53
    assert f"{ACCOUNT}?after=" not in second
    assert luh.get(f"{ACCOUNT}?after=rubbish").status_code == 200


def test_another_workshops_money_is_not_there(luh: Maker, wayan: Maker, hands: clock.Hands) -> None:
    people, part = admins(), sold(luh)
    bank_account(luh.workshop.id)
    earned(luh, hands, part)
    payout_id = paid_out(luh, people)
    here(wayan)
    assert wayan.get(f"/seller/payouts/{payout_id}").status_code == 404
    assert wayan.get("/seller/payouts/999999").status_code == 404
    for path in (PAGE, ACCOUNT, "/seller/payouts/", "/seller/statements/", "/seller/statements/2026-11", "/seller/"):
        shown = wayan.get(path)
        assert shown.status_code == 200, path
        assert number_of(part) not in shown.text, path
        assert rupiah(fresh(part).payable_idr) not in shown.text, path


def test_what_a_person_wrote_stays_text(luh: Maker, hands: clock.Hands) -> None:
    part = sold(luh)
    bank_account(luh.workshop.id, holder="<B>LUH</B>")
    earned(luh, hands, part)
    refunded(luh, part, 1_000, "<script>alert(1)</script>")
    for path in (PAGE, ACCOUNT, "/seller/bank/", "/seller/settings/"):
        shown = luh.get(path).text
        assert "<script>alert" not in shown, path
        assert "<B>LUH" not in shown, path


@pytest.mark.parametrize("path", [PAGE, ACCOUNT, "/seller/payouts/", "/seller/"])
def test_as_many_statements_for_twenty_orders_as_for_two(
    luh: Maker, hands: clock.Hands, statements: Any, path: str
) -> None:
    people = admins()
    bank_account(luh.workshop.id)
    few_parts = [sold(luh) for _number in range(4)]
    earned(luh, hands, few_parts[0], few_parts[1])
    paid_out(luh, people)
    earned(luh, hands, few_parts[2])
    luh.get(path)
    with statements() as few:
        luh.get(path)
    more = [sold(luh) for _number in range(8)]
    earned(luh, hands, *more[:3])
    paid_out(luh, people)
    earned(luh, hands, *more[3:6])
    luh.get(path)  # time has passed: the first look of a day also renews the session
    with statements() as many:
        luh.get(path)
    assert len(many) == len(few), "\n".join(many.texts)
    assert len(many) <= 30
