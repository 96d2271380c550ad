"""Work that may wait: a queue (huey, in SQLite or Redis) and the sweep that finds lost work from the rows.

A task is only a hint: what it does can always be found again by its sweeper, so a lost queue costs time, never truth.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from huey import Huey, RedisHuey, SqliteHuey, crontab

log = logging.getLogger(__name__)

Sweeper = Callable[[], int]
_sweepers: dict[str, Sweeper] = {}
_jobs: dict[str, Callable[..., Any]] = {}


def sweeper(name: str) -> Callable[[Sweeper], Sweeper]:
    """Register what `flask sweep` and the worker's timer do; it returns how many rows it finished."""

    def register(function: Sweeper) -> Sweeper:
        _sweepers[name] = function
        return function

    return register


def job(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function that `enqueue` may run in the worker; it must be safe to run twice."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _jobs[name] = function
        return function

    return register


def enqueue(name: str, *args: Any) -> None:
    """Ask the worker to run a job soon. A queue that is away is logged: the sweep will do it."""
    queue: Huey = current_app.extensions["huey"]
    try:
        current_app.extensions["run_job"](name, *args)
    except Exception:
        log.exception("queue %s did not take job %s", queue.name, name)


def sweep() -> dict[str, int]:
    """Finish everything that was left, once. Safe at any time and twice at once; one failure stops no other."""
    done: dict[str, int] = {}
    for name, function in _sweepers.items():
        try:
            done[name] = function()
        except Exception:
            log.exception("sweeper %s failed", name)
            done[name] = -1
    return done


def make_huey(redis_url: str, instance: Path, immediate: bool) -> Huey:
    if redis_url:
        return RedisHuey("perak-celuk", url=redis_url, immediate=immediate, results=False)
    instance.mkdir(parents=True, exist_ok=True)
    return SqliteHuey(
        "perak-celuk", filename=str(instance / "tasks.db"), immediate=immediate, results=False, fsync=False
    )


def init_app(app: Flask, redis_url: str, instance: Path, *, immediate: bool = False) -> None:
    """Give the app its queue. `immediate` runs each job at once, inside the caller (for tests)."""
    queue = make_huey(redis_url, instance, immediate)
    app.extensions["huey"] = queue

    def run_job(name: str, *args: Any) -> None:
        if immediate:
            _jobs[name](*args)
            return
        with app.app_context():
            _jobs[name](*args)

    app.extensions["run_job"] = queue.task(retries=2, retry_delay=30, name="run_job")(run_job)

    def timer() -> None:
        with app.app_context():
            sweep()

    queue.periodic_task(crontab(minute="*"), name="timer")(timer)
