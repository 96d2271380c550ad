"""Groups of fewer than five visitors are not shown, nor can they be computed from what is shown."""

from __future__ import annotations

from collections.abc import Sequence

LEAST = 5


def shown_count(visitors: Sequence[int], most: int, beside: int = 0) -> int:
    """How many of these groups, the largest first, may stand by themselves; the others become one row.

    When that row would be of one to four visitors, the total less the rows above it would tell them: then the smallest
    of those joins it. `beside`: visitors without a group, who are in that row anyhow.
    """
    shown = min(most, sum(count >= LEAST for count in visitors))
    rest = beside + sum(visitors[shown:])
    while shown and 0 < rest < LEAST:
        shown -= 1
        rest += visitors[shown]
    return shown
