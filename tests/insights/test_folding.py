"""Marks become numbers once, whoever dies meanwhile and however many fold at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from marketplace.catalog.models import Listing
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.tasks import sweep
from marketplace.insights import services
from marketplace.insights.models import Deed
from marketplace.insights.queries import known
from tests.factories.catalog import ListingFactory

from .looking import counts, looked, marks


@pytest.fixture
def ring(app: Flask) -> Listing:
    return ListingFactory()


def test_marks_of_a_day_that_is_over_are_counted_and_gone(ring: Listing, stopped_clock: clock.Hands) -> None:
    other = ListingFactory()
    looked(ring, 7, "AU")
    looked(ring, 2, "NL")
    looked(ring, 2, "AU", Deed.SAVE)
    looked(other, 1, "AU", Deed.BAG)
    assert services.fold() == 0, "the day is not over"
    stopped_clock.forward(days=1)
    looked(ring, 1, "AU")
    assert services.fold() == 12
    assert counts() == [(ring.id, "AU", 7, 2, 0), (ring.id, "NL", 2, 0, 0), (other.id, "AU", 0, 0, 1)]
    assert marks() == [(ring.id, "view", "AU")]
    assert services.fold() == 0
    assert len(counts()) == 3


def test_the_worker_folds(ring: Listing, stopped_clock: clock.Hands) -> None:
    looked(ring, 3)
    stopped_clock.forward(days=1)
    assert sweep()["visit_marks"] == 3


def test_a_report_reads_the_same_before_and_after(ring: Listing, stopped_clock: clock.Hands) -> None:
    looked(ring, 9, "AU")
    looked(ring, 6, "NL")
    looked(ring, 5, "AU", Deed.SAVE)
    stopped_clock.forward(days=1)
    looked(ring, 5, "AU")
    before = known.report(ring.workshop_id, 4), known.week_of(ring.workshop_id)
    assert before[0].whole.views == 20
    services.fold()
    db.session.rollback()
    assert (known.report(ring.workshop_id, 4), known.week_of(ring.workshop_id)) == before


def test_dying_between_counting_and_deleting_loses_and_doubles_nothing(
    ring: Listing, stopped_clock: clock.Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BATCH", 4)
    looked(ring, 10)
    stopped_clock.forward(days=1)
    add, calls = services._add, []

    def dies_the_second_time(batch: object) -> None:
        add(batch)  # type: ignore[arg-type]
        calls.append(batch)
        if len(calls) == 2:
            raise ConnectionError

    monkeypatch.setattr(services, "_add", dies_the_second_time)
    with pytest.raises(ConnectionError):
        services.fold()
    assert counts() == [(ring.id, "AU", 4, 0, 0)]
    assert len(marks()) == 6
    assert services.fold() == 6
    assert counts() == [(ring.id, "AU", 10, 0, 0)]


@pytest.mark.races
def test_several_fold_at_once(app: Flask, stopped_clock: clock.Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "BATCH", 5)
    rings = [ListingFactory() for _number in range(3)]
    for ring in rings:
        looked(ring, 9, "AU")
        looked(ring, 4, "NL")
    stopped_clock.forward(days=1)

    def run(_number: int) -> int:
        with app.app_context():
            return services.fold()

    db.session.rollback()
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(run, range(4)))
    done.append(services.fold())
    assert sum(done) == 39
    assert counts() == [row for ring in rings for row in ((ring.id, "AU", 9, 0, 0), (ring.id, "NL", 4, 0, 0))]
    assert marks() == []
