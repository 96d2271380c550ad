"""Nothing that is shown, and no difference of what is shown, is about one to four visitors."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from marketplace.insights.hidden import LEAST, shown_count

GROUPS = st.lists(st.integers(0, 12), max_size=12).map(lambda counts: sorted(counts, reverse=True))


@given(GROUPS, st.integers(0, 12), st.integers(0, 9))
def test_every_row_is_of_five_or_of_nobody(groups: list[int], most: int, beside: int) -> None:
    shown = shown_count(groups, most, beside)
    rest = beside + sum(groups[shown:])
    assert shown <= most
    assert all(count >= LEAST for count in groups[:shown])
    assert rest == 0 or rest >= LEAST or shown == 0


@given(GROUPS)
def test_no_more_is_hidden_than_must_be(groups: list[int]) -> None:
    """One group more would show fewer than five, itself or what is left."""
    shown = shown_count(groups, len(groups))
    if shown < len(groups):
        left = sum(groups[shown + 1 :])
        assert groups[shown] < LEAST or 0 < left < LEAST


def test_the_smallest_joins_those_who_would_be_told_by_the_total() -> None:
    assert shown_count([20, 9, 2], 10) == 1
    assert shown_count([20, 9, 3, 2], 10) == 2
    assert shown_count([20, 9], 10) == 2
    assert shown_count([20, 9], 10, beside=1) == 1
    assert shown_count([4], 10) == 0
