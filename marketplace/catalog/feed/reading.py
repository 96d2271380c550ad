"""What the feed answered, believed or not: {"rates": [{"metal", "idr_per_gram", "quoted_at"}, …]}."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from marketplace.catalog import costing, metals
from marketplace.catalog.metals import Current
from marketplace.core import clock
from marketplace.core.money import half_up

from .fetching import FeedTrouble

LARGEST_JUMP_BP = 5_000  # more than half up or down in one step is a fault of the feed until an admin says otherwise
CLOCKS_DIFFER = timedelta(minutes=10)
MOST_RATES = 50


@dataclass(frozen=True, slots=True)
class Answer:
    metal: str
    idr_per_gram: int
    quoted_at: datetime


def read(body: bytes) -> list[Answer]:
    """The rates of the metals that we know, in the order of the answer.

    Raises:
        FeedTrouble: it is no such JSON, or a number in it is none.
    """
    try:
        facts = json.loads(body.decode("utf-8"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise FeedTrouble("unreadable", type(error).__name__) from error
    rows = facts.get("rates") if isinstance(facts, Mapping) else None
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_RATES:
        raise FeedTrouble("unreadable", "no list of rates")
    return [_answer(row) for row in rows if isinstance(row, Mapping) and row.get("metal") in metals.METALS]


def _answer(row: Mapping[str, Any]) -> Answer:
    metal, number, moment = str(row["metal"]), row.get("idr_per_gram"), row.get("quoted_at")
    try:
        amount = Decimal(number) if isinstance(number, int | str | Decimal) else Decimal("NaN")
        quoted_at = datetime.fromisoformat(str(moment))
    except (InvalidOperation, ValueError) as error:
        raise FeedTrouble("unreadable", f"{metal}: {number} {moment}") from error
    if isinstance(number, bool) or not amount.is_finite() or quoted_at.tzinfo is None:
        raise FeedTrouble("unreadable", f"{metal}: {number} {moment}")
    if not metals.LOWEST <= amount <= metals.HIGHEST:
        raise FeedTrouble("absurd", f"{metal}: {number}")
    return Answer(metal, half_up(amount), quoted_at)


def is_news(answer: Answer, current: Current) -> bool:
    """Whether it is to be entered; an older or the same quotation is simply nothing new.

    Raises:
        FeedTrouble: it is stale, from the future, or jumps.
    """
    now, last = clock.now(), current.get(answer.metal)
    if answer.quoted_at > now + CLOCKS_DIFFER:
        raise FeedTrouble("future", f"{answer.metal}: {answer.quoted_at.isoformat()}")
    if now - answer.quoted_at > metals.max_age():
        raise FeedTrouble("stale", f"{answer.metal}: {answer.quoted_at.isoformat()}")
    if last is None:
        return True
    if answer.quoted_at <= last.quoted_at:
        return False
    if abs(costing.moved_bp(last.idr_per_gram, answer.idr_per_gram)) > LARGEST_JUMP_BP:
        raise FeedTrouble("jump", f"{answer.metal}: {last.idr_per_gram} → {answer.idr_per_gram}")
    return True
