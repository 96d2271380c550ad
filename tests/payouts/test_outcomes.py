"""What became of a payout: booked when it is paid, open again when it failed or came back, and never twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.clock import Hands
from marketplace.core.db import db
from marketplace.core.errors import IllegalTransition, NotFound
from marketplace.core.ids import new_key
from marketplace.ledger import queries as books
from marketplace.notifications.models import Mail
from marketplace.orders.models import Order
from marketplace.payments import services as payments
from marketplace.payments.models import Bearer, Dispute, DisputeStatus, PaymentAttempt
from marketplace.payouts import queries, services
from marketplace.payouts.errors import ReasonMissing, ReferenceMissing
from marketplace.payouts.models import PayoutStatus
from marketplace.workshops.queries import bank_account_of
from tests.factories.orders import JAKARTA, open_shop, paid_order, piece
from tests.factories.payouts import Admins, bank_account, earned, workshop
from tests.payments.delivering import deliver

from .conftest import acts, breaches, fresh, in_bank, owed, paid, payouts_of_run, prepared, sent


def templates() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Mail.template).order_by(Mail.id)))


def test_a_failed_payout_is_open_again_and_its_account_must_be_looked_at(people: Admins) -> None:
    selaka = workshop("Luh Selaka")
    earned(selaka.id, 900)
    (payout,) = payouts_of_run(sent(people, selaka.id))
    with pytest.raises(ReasonMissing):
        services.mark_failed(payout.id, " ", people.sari)
    services.mark_failed(payout.id, "Nomor rekening tidak dikenal", people.sari)
    assert (owed(selaka.id), in_bank()) == (900, 0)
    payout = fresh(payout.id)
    assert (payout.status, payout.reason) == (PayoutStatus.FAILED, "Nomor rekening tidak dikenal")
    view = bank_account_of(selaka.id)
    assert view is not None
    assert view.problem == "Nomor rekening tidak dikenal"
    (row,) = services.due(False)
    assert (row.state, row.amount.amount) == ("account_problem", 900)
    assert templates() == ["payout_failed"]
    assert breaches() == []


def test_a_returned_payout_is_booked_back_and_paid_to_the_new_account(people: Admins) -> None:
    selaka = workshop("Luh Selaka")
    earned(selaka.id, 900)
    earned(selaka.id, 100)
    payout_id = paid(people, selaka.id)
    assert (owed(selaka.id), in_bank()) == (0, -1000)
    services.mark_returned(payout_id, "Rekening ditutup", people.made)
    assert (owed(selaka.id), in_bank()) == (1000, 0)
    assert fresh(payout_id).status is PayoutStatus.RETURNED
    assert templates() == ["payout_paid", "payout_returned"]
    (row,) = services.due(False)
    assert (row.state, row.line_count, row.reason) == ("account_problem", 2, "Rekening ditutup")

    db.session.execute(sa.text("update bank_accounts set replaced_at = changed_at"))
    db.session.commit()
    bank_account(selaka.id, "0098765432")
    again = fresh(paid(people, selaka.id))
    assert again.amount == 1000
    assert (owed(selaka.id), in_bank()) == (0, -1000)
    assert breaches() == []
    movements = books.running_account(selaka.id).rows
    assert [row.kind.value for row in movements] == ["payout", "payout-returned", "payout", "earn", "earn"]


def test_nothing_is_said_twice(people: Admins) -> None:
    selaka = workshop()
    earned(selaka.id, 900)
    payout_id = paid(people, selaka.id)
    with pytest.raises(IllegalTransition):
        services.mark_paid(payout_id, "ref", people.made)
    with pytest.raises(IllegalTransition):
        services.mark_failed(payout_id, "no", people.made)
    services.mark_returned(payout_id, "closed", people.made)
    for _ in range(2):
        with pytest.raises(IllegalTransition):
            services.mark_returned(payout_id, "closed", people.made)
    assert (owed(selaka.id), in_bank()) == (900, 0)
    assert len(acts("payout.returned")) == 1


def test_what_was_not_sent_cannot_be_paid(people: Admins) -> None:
    selaka = workshop()
    earned(selaka.id, 900)
    (payout,) = payouts_of_run(prepared(people, selaka.id))
    for verb in (services.mark_paid, services.mark_failed, services.mark_returned):
        with pytest.raises(IllegalTransition):
            verb(payout.id, "words", people.made)
    with pytest.raises(NotFound):
        services.mark_paid(10**9, "words", people.made)
    assert owed(selaka.id) == 900


def test_a_whole_run_is_marked_by_the_reference_of_its_transfer(people: Admins) -> None:
    rows = [workshop() for _ in range(3)]
    for row in rows:
        earned(row.id, 500)
    run_id = sent(people, *[row.id for row in rows])
    one, *_others = payouts_of_run(run_id)
    services.mark_failed(one.id, "closed", people.sari)
    with pytest.raises(ReferenceMissing):
        services.mark_run_paid(run_id, "", people.sari)
    assert services.mark_run_paid(run_id, "BULK-77", people.sari) == 2
    assert services.mark_run_paid(run_id, "BULK-77", people.sari) == 0
    assert in_bank() == -1000
    assert {payout.bank_ref for payout in payouts_of_run(run_id)} == {"", "BULK-77"}


def test_only_its_own_workshop_sees_a_payout(people: Admins) -> None:
    selaka, other = workshop("Luh Selaka"), workshop("Toya Ning")
    earned(selaka.id, 900)
    payout_id = paid(people, selaka.id)
    assert queries.payout(payout_id, other.id) is None
    mine = queries.payout(payout_id, selaka.id)
    assert mine is not None
    assert (mine.amount.amount, mine.bank_name, mine.masked) == (900, "BCA", "···5678")
    assert [row.id for row in queries.payouts_of(selaka.id).rows] == [payout_id]
    assert queries.payouts_of(other.id).rows == []


def test_a_draft_is_not_shown_to_the_workshop(people: Admins) -> None:
    selaka = workshop()
    earned(selaka.id, 900)
    (payout,) = payouts_of_run(prepared(people, selaka.id))
    assert queries.payouts_of(selaka.id).rows == []
    assert queries.payout(payout.id, selaka.id) is None
    assert queries.payout(payout.id) is not None


class Sale:
    """A real order whose parcel has arrived and whose money was earned."""

    def __init__(self, price: int = 745_000) -> None:
        self.workshop = workshop("Luh Selaka")
        self.order: Order = paid_order((piece(workshop=self.workshop, price=price), 1), address=JAKARTA, market="id")
        (self.part,) = deliver(self.order)

    def earn(self, hands: Hands) -> int:
        hands.forward(days=3)
        assert payments.earn_due() == 1
        return owed(self.workshop.id)

    def dispute(self, status: DisputeStatus = DisputeStatus.NEEDS_RESPONSE) -> Dispute:
        attempt = db.session.scalars(sa.select(PaymentAttempt).filter_by(order_id=self.order.id)).one()
        row = Dispute(
            attempt_id=attempt.id,
            processor="demo",
            external_id=f"dp_{new_key()}",
            livemode=False,
            status=status,
            currency=attempt.currency,
            amount=attempt.amount,
            opened_at=clock.now(),
        )
        db.session.add(row)
        db.session.commit()
        return row


@pytest.fixture
def sale(people: Admins, stopped_clock: Hands) -> Sale:
    open_shop()
    return Sale()


def test_a_real_sale_ends_at_the_bank_with_every_line_told(sale: Sale, people: Admins, stopped_clock: Hands) -> None:
    assert services.due(False) == []  # not earned yet
    amount = sale.earn(stopped_clock)
    payout_id = paid(people, sale.workshop.id)
    view = queries.payout(payout_id, sale.workshop.id)
    assert view is not None
    (line,) = view.lines
    assert (line.order_no, line.seller_order_id) == (sale.order.public_no, sale.part.id)
    assert line.title
    assert line.amount.amount == view.amount.amount == amount > 0
    assert owed(sale.workshop.id) == 0
    from marketplace.payouts.check import check

    assert check() == []


@pytest.mark.parametrize("status", [DisputeStatus.INQUIRY, DisputeStatus.UNDER_REVIEW, DisputeStatus.LOST])
def test_a_disputed_order_is_left_out_while_it_is_undecided(
    sale: Sale, people: Admins, stopped_clock: Hands, status: DisputeStatus
) -> None:
    amount = sale.earn(stopped_clock)
    earned(sale.workshop.id, 55)
    dispute = sale.dispute(status)
    (row,) = services.due(False)
    assert (row.amount.amount, row.disputed.amount, row.state) == (55, amount, "ready")
    assert fresh(paid(people, sale.workshop.id)).amount == 55
    (row,) = services.due(False)
    assert (row.state, row.amount.amount, row.disputed.amount) == ("disputed", 0, amount)

    values = {"borne_by": Bearer.COLLECTIVE} if status is DisputeStatus.LOST else {"status": DisputeStatus.WON}
    db.session.execute(sa.update(Dispute).filter_by(id=dispute.id).values(**values))
    db.session.commit()
    assert fresh(paid(people, sale.workshop.id)).amount == amount
    assert breaches() == []


def test_a_dispute_between_preparing_and_sending_stops_the_payout(
    sale: Sale, people: Admins, stopped_clock: Hands
) -> None:
    sale.earn(stopped_clock)
    run_id = prepared(people, sale.workshop.id)
    services.approve_run(run_id, people.made)
    sale.dispute()
    assert services.send_run(run_id, people.sari) == 0
    (payout,) = payouts_of_run(run_id)
    assert (payout.status, payout.reason) == (PayoutStatus.CANCELED, "disputed")


def test_a_debt_of_a_disputed_order_is_never_left_out(sale: Sale, people: Admins, stopped_clock: Hands) -> None:
    """Paid out, then refunded in part, then disputed: leaving the debt out would pay above the balance."""
    sale.earn(stopped_clock)
    paid(people, sale.workshop.id)
    earned(sale.workshop.id, -300, order_id=sale.order.id, seller_order_id=sale.part.id)
    earned(sale.workshop.id, 1000)
    sale.dispute()
    assert fresh(paid(people, sale.workshop.id)).amount == 700
    assert owed(sale.workshop.id) == 0


class TestNextPayout:
    def test_a_friday_in_bali(self, people: Admins, stopped_clock: Hands) -> None:
        selaka = workshop()
        earned(selaka.id, 900)
        stopped_clock.moment = datetime(2026, 11, 26, 15, 59, tzinfo=UTC)  # Thursday, 23.59 in Celuk
        coming = queries.next_payout(selaka.id)
        assert (coming.on.isoformat(), coming.amount.amount, coming.reason) == ("2026-11-27", 900, "")
        stopped_clock.forward(minutes=1)
        assert queries.next_payout(selaka.id).on.isoformat() == "2026-11-27"
        stopped_clock.forward(days=1)
        assert queries.next_payout(selaka.id).on.isoformat() == "2026-12-04"

    def test_why_not(self, people: Admins, stopped_clock: Hands) -> None:
        stopped_clock.moment = datetime(2026, 11, 26, 3, tzinfo=UTC)
        selaka = workshop()
        assert queries.next_payout(selaka.id).reason == "nothing"
        earned(selaka.id, -5)
        coming = queries.next_payout(selaka.id)
        assert (coming.reason, coming.amount.amount) == ("carried", -5)
        earned(selaka.id, 105)
        db.session.execute(sa.text("update bank_accounts set replaced_at = changed_at"))
        db.session.commit()
        assert queries.next_payout(selaka.id).reason == "no_account"
        bank_account(selaka.id, usable_at=datetime(2026, 11, 29, 3, tzinfo=UTC))
        coming = queries.next_payout(selaka.id)
        assert (coming.reason, coming.on.isoformat()) == ("account_on_hold", "2026-12-04")
        stopped_clock.forward(days=4)
        prepared(people, selaka.id)
        coming = queries.next_payout(selaka.id)
        assert (coming.reason, coming.amount.amount) == ("running", 100)
