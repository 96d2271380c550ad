"""When a reconciliation runs, over what time, and by which command."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core import clock
from marketplace.core.clock import Hands
from marketplace.core.db import db
from marketplace.core.tasks import sweep
from marketplace.payments import services as payments
from marketplace.payments.models import (
    DemoMovement,
    DisputeStatus,
    Reconciliation,
)
from marketplace.payments.queries import differences as queries
from marketplace.payments.services.reconcile import steps

from .disputing import Court, court, demo_court, dispute_of

__all__ = ["court"]


def test_it_runs_once_an_hour_and_over_all_of_yesterday_at_night(app: Flask, stopped_clock: Hands) -> None:
    stopped_clock.moment = clock.local(stopped_clock.moment).replace(hour=23, minute=30)
    midnight = stopped_clock.moment.replace(hour=0, minute=0, second=0, microsecond=0)
    assert sweep()["reconciliation"] == 1
    assert sweep()["reconciliation"] == 0
    stopped_clock.forward(minutes=59)
    assert sweep()["reconciliation"] == 0
    stopped_clock.forward(minutes=1)  # 00:30
    assert sweep()["reconciliation"] == 1
    newest, _first = queries.last_comparisons()
    assert newest.since > midnight + timedelta(hours=12)
    stopped_clock.forward(hours=2)  # 02:30
    assert sweep()["reconciliation"] == 1
    newest, *_older = queries.last_comparisons()
    assert newest.since == midnight
    stopped_clock.forward(hours=1)
    assert sweep()["reconciliation"] == 1
    newest, *_older = queries.last_comparisons()
    assert newest.since > midnight + timedelta(days=1)
    assert len(queries.last_comparisons()) == 4


def test_after_a_standstill_it_looks_back_to_where_it_ended_but_no_farther_than_thirty_days(
    app: Flask, stopped_clock: Hands
) -> None:
    payments.reconcile_when_due()
    ended = clock.now()
    stopped_clock.forward(days=9)
    payments.reconcile_when_due()
    newest, *_older = queries.last_comparisons()
    assert newest.since == ended - timedelta(hours=2)
    stopped_clock.forward(days=90)
    payments.reconcile_when_due()
    newest, *_older = queries.last_comparisons()
    assert newest.since == clock.now() - timedelta(days=30)


def test_other_areas_add_their_steps(app: Flask) -> None:
    try:
        steps.reconciler("a test")(lambda: 7)
        done = payments.reconcile()
    finally:
        steps._steps.pop("a test")
    assert done["a test"] == 7
    assert list(done)[-1] == "comparison"


def test_by_hand_from_a_day_on(app: Flask) -> None:
    day = clock.today() - timedelta(days=3)
    result = app.test_cli_runner().invoke(args=["payments", "reconcile", "--since", day.isoformat()])
    assert result.exit_code == 0, result.output
    assert re.search(r"comparison +0", result.output)
    (row,) = queries.last_comparisons()
    assert clock.local(row.since).date() == day
    result = app.test_cli_runner().invoke(args=["payments", "reconcile", "--since", "yesterday"])
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("option", "status"),
    [
        (None, DisputeStatus.NEEDS_RESPONSE),
        ("--inquiry", DisputeStatus.INQUIRY),
        ("--won", DisputeStatus.WON),
        ("--lost", DisputeStatus.LOST),
    ],
)
def test_a_dispute_by_command_in_the_demo_shop(app: Flask, option: str | None, status: DisputeStatus) -> None:
    placed = demo_court(app).buys()
    options = [option] if option else []
    result = app.test_cli_runner().invoke(args=["payments", "demo-dispute", placed.order.public_no, *options])
    assert result.exit_code == 0, result.output
    assert dispute_of(result.output.strip()).status is status
    result = app.test_cli_runner().invoke(args=["payments", "demo-dispute", "PC-0000"])
    assert result.exit_code == 1


def test_the_demo_command_exists_only_with_the_demo_processor(stripe_app: Flask) -> None:
    result = stripe_app.test_cli_runner().invoke(args=["payments", "demo-dispute", "PC-0000"])
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_runs_are_kept_for_each_processor(court: Court) -> None:
    payments.reconcile()
    db.session.rollback()
    names = list(db.session.scalars(sa.select(Reconciliation.processor)))
    assert names == [court.processor.name]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DemoMovement)) == 0
