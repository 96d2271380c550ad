"""The one clock. Moments are aware and in UTC; days are those of Bali (Asia/Makassar, UTC+8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BALI = ZoneInfo("Asia/Makassar")


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    return _source()


def today() -> date:
    """The day in Celuk, which decides deadlines and dates on pages."""
    return now().astimezone(BALI).date()


def local(moment: datetime) -> datetime:
    return moment.astimezone(BALI)


class Hands:
    """A stopped clock that a test moves by hand."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **amount: float) -> None:
        self.moment += timedelta(**amount)


@contextmanager
def stopped(moment: datetime | None = None) -> Iterator[Hands]:
    """Stop the clock at `moment` (default: now) until the block ends."""
    global _source
    before, hands = _source, Hands(moment or now())
    _source = hands
    try:
        yield hands
    finally:
        _source = before
