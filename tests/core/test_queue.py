"""What may wait: queued, run by a worker, and never lost when the queue is."""

from __future__ import annotations

import dataclasses
import os
import threading
import time

import pytest
from flask import Flask

import marketplace
from config import Config
from marketplace.core import tasks

ran = threading.Event()
told: list[tuple[int, ...]] = []


@tasks.job("test_note")
def note(*numbers: int) -> None:
    told.append(numbers)
    ran.set()


def _shop(shop_config: Config, **more: str) -> Flask:
    """The shop with a real queue: jobs wait for a worker."""
    return marketplace.create_app(dataclasses.replace(shop_config, app_env="development", **more))  # type: ignore[arg-type]


def _work(app: Flask) -> None:
    consumer = app.extensions["huey"].create_consumer(workers=1, periodic=False, initial_delay=0.05, max_delay=0.1)
    consumer.start()
    try:
        assert ran.wait(15), "the worker did not take the job"
    finally:
        consumer.stop(graceful=True)


QUEUES = [
    "",
    pytest.param(
        os.environ.get("TEST_REDIS_URL", ""),
        marks=pytest.mark.skipif(not os.environ.get("TEST_REDIS_URL"), reason="no TEST_REDIS_URL"),
    ),
]


@pytest.mark.parametrize("redis_url", QUEUES, ids=["sqlite", "redis"])
def test_a_job_waits_for_the_worker(shop_config: Config, redis_url: str) -> None:
    app = _shop(shop_config, redis_url=redis_url)
    ran.clear()
    told.clear()
    queue = app.extensions["huey"]
    queue.flush()
    with app.app_context():
        tasks.enqueue("test_note", 3, 4)
    assert (queue.pending_count(), told) == (1, [])
    _work(app)
    assert told == [(3, 4)]


def test_a_queue_that_is_away_stops_nobody(shop_config: Config) -> None:
    """The row is written and the buyer has an answer; the sweep does the rest."""
    app = _shop(shop_config, redis_url="redis://127.0.0.1:1/0")
    began = time.monotonic()
    with app.app_context():
        tasks.enqueue("test_note", 1)
    assert time.monotonic() - began < 5
    answer = app.test_client().get("/readyz", base_url=shop_config.site_url)
    assert (answer.status_code, answer.get_json()["queue"]) == (503, False)


def test_one_sick_sweeper_stops_no_other(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_sweepers", {"sick": lambda: 1 // 0, "well": lambda: 7})
    assert tasks.sweep() == {"sick": -1, "well": 7}
    result = app.test_cli_runner().invoke(args=["sweep"])
    assert result.exit_code == 1
    assert "well: 7" in result.output
