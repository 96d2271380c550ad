"""The two shapes of a check. Each is one statement, so that what it sees is of one moment on both engines.

A colon before a word in a text would name a parameter: it is written with a backslash.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marketplace.core.i18n import Lazy

COMPARED = """
select subject, account, currency, sum(booked) as booked, sum(due) as due from sides
group by subject, account, currency having sum(booked) <> sum(due)
order by subject, account, currency limit :most
"""


@dataclass(frozen=True, slots=True)
class Compared:
    """`sides` are common table expressions; the last, named sides, has (subject, account, currency, booked, due).

    Whatever does not come to the same sum on both sides breaks the rule.
    """

    rule: str
    sides: str

    @property
    def sql(self) -> str:
        return f"with {self.sides} {COMPARED}"


@dataclass(frozen=True, slots=True)
class Found:
    """Every row of `query` breaks the rule: its `subject`, and `sentence` filled with its other columns.

    Columns whose names end in _amount are shown as money of the column `currency`.
    """

    rule: str
    sentence: Lazy
    query: str

    @property
    def sql(self) -> str:
        return f"{self.query} order by 1 limit :most"


Check = Compared | Found
Row = dict[str, Any]
