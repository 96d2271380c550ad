"""Answering a bank: the list of evidence, its deadline, and sending it once."""

from __future__ import annotations

import pytest

from marketplace.core.clock import Hands
from marketplace.core.errors import NotFound
from marketplace.payments import services as payments
from marketplace.payments.errors import (
    DisputeOver,
    EvidenceTooLate,
    EvidenceTooLong,
)
from marketplace.payments.models import Bearer, DisputeStatus
from marketplace.payments.queries import disputes as views

from .delivering import mark_delivered
from .disputing import (
    Court,
    acts,
    admin,
    books_fit,
    charge_of,
    court,
    dispute_of,
)

__all__ = ["admin", "books_fit", "court"]


def test_the_evidence_is_filled_from_the_order_and_sent_once(court: Court, admin: int) -> None:
    placed = court.buys()
    mark_delivered(placed.parts)
    name = court.sues(charge_of(placed))
    row = court.learns(name)
    view = views.dispute(row.id)
    assert view is not None
    texts = {point.code.value: point.text for point in view.evidence}
    assert placed.order.public_no in texts["order"]
    assert "Granulated Dome Ring" in texts["description"]
    assert "EE123456789ID" in texts["delivery"]
    assert texts["messages"] == ""
    assert [point.is_done for point in view.evidence if point.code.value == "messages"] == [False]

    payments.note_evidence(row.id, "messages", "24 November: “It is here, thank you!”", admin)
    payments.note_evidence(row.id, "photos", True, admin)
    with pytest.raises(NotFound):
        payments.note_evidence(row.id, "_sent", "x", admin)
    with pytest.raises(EvidenceTooLong):
        payments.note_evidence(row.id, "order", "x" * 20_001, admin)
    status = payments.submit_evidence(row.id, admin)
    assert status is DisputeStatus.UNDER_REVIEW
    assert dispute_of(name).submitted_at is not None
    with pytest.raises(DisputeOver):
        payments.submit_evidence(row.id, admin)
    with pytest.raises(DisputeOver):
        payments.note_evidence(row.id, "order", "late", admin)
    assert acts() == [
        "dispute.move",
        "dispute.evidence",
        "dispute.evidence",
        "dispute.move",
        "dispute.submit",
    ]
    view = views.dispute(row.id)
    assert view is not None
    assert not view.can_answer
    assert {point.code.value: point.text for point in view.evidence}["messages"].startswith("24 November")


def test_an_inquiry_is_answered_and_stays_one(court: Court, admin: int) -> None:
    name = court.sues(charge_of(court.buys()), inquiry=True)
    row = court.learns(name)
    assert payments.submit_evidence(row.id, admin) is DisputeStatus.INQUIRY
    court.gives_up(name)
    assert court.learns(name).status is DisputeStatus.WON


def test_an_inquiry_that_was_answered_and_becomes_a_dispute_is_answered_again(court: Court, admin: int) -> None:
    name = court.sues(charge_of(court.buys()), inquiry=True)
    row = court.learns(name)
    payments.submit_evidence(row.id, admin)
    with pytest.raises(DisputeOver):
        payments.submit_evidence(row.id, admin)
    court.escalates(name)
    assert court.learns(name).submitted_at is None
    payments.note_evidence(row.id, "messages", "and more", admin)
    assert payments.submit_evidence(row.id, admin) is DisputeStatus.UNDER_REVIEW
    assert dispute_of(name).submitted_at is not None


def test_nothing_is_sent_after_the_deadline(court: Court, admin: int, stopped_clock: Hands) -> None:
    row = court.learns(court.sues(charge_of(court.buys())))
    stopped_clock.forward(days=11)
    with pytest.raises(EvidenceTooLate):
        payments.submit_evidence(row.id, admin)
    (shown,) = views.disputes(open_only=True).rows
    assert shown.is_late
    assert shown.task == ""


def test_the_list_says_what_is_to_be_done(court: Court, admin: int) -> None:
    first = court.sues(charge_of(court.buys()))
    court.learns(first)
    other = court.buys()
    second = court.sues(charge_of(other))
    court.shop_loses(second)
    court.learns(second)
    assert [(row.external_id, row.task) for row in views.disputes(open_only=True).rows] == [
        (second, "decide"),
        (first, "answer"),
    ]
    (newest,) = views.disputes(limit=1).rows
    assert newest.external_id == second
    page = views.disputes(limit=1)
    assert [row.external_id for row in views.disputes(after=page.after, limit=1).rows] == [first]
    payments.decide_lost(dispute_of(second).id, Bearer.COLLECTIVE, admin, "ours")
    court.shop_wins(first)
    court.learns(first)
    assert views.disputes(open_only=True).rows == []
    assert [row.borne_by for row in views.disputes_of(other.order_id)] == [Bearer.COLLECTIVE]
    assert views.dispute(10_000) is None


def test_a_deadline_near_by_is_urgent(court: Court, stopped_clock: Hands) -> None:
    row = court.learns(court.sues(charge_of(court.buys())))
    assert row.due_by is not None
    for days, is_urgent in ((6, False), (2, True)):
        stopped_clock.forward(days=days)
        (shown,) = views.disputes(open_only=True).rows
        assert shown.is_urgent is is_urgent
