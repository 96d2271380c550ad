"""The demo processor's own list of what moved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .. import BalanceLine


def balance_lines(since: datetime, until: datetime) -> Iterable[BalanceLine]:
    raise NotImplementedError


def balances() -> dict[str, int]:
    raise NotImplementedError
