"""Charts: what pygal draws, without what the policy forbids and without anything that changes from day to day."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date

from marketplace.core.i18n import speaking
from marketplace.core.money import Money
from marketplace.orders.queries import Week
from marketplace.seller.charts import weeks_chart
from marketplace.seller.drawings import Bar, columns, ranks

BARS = [Bar("5 Okt", 3), Bar("12", 8, "8"), Bar("<19>", 5, "5 & more")]


def test_a_drawing_carries_no_style_no_script_and_no_name_of_its_own() -> None:
    for svg in (columns(BARS, "Eight & <three>"), ranks(BARS, "Eight & <three>")):
        assert not re.search(r"<style|<script|style=|\bid=|\bon\w+=|<!--|https?://(?!www\.w3\.org)", svg)
        root = ET.fromstring(svg)
        assert (root.attrib["role"], root.attrib["aria-label"]) == ("img", "Eight & <three>")
        assert "<19>" not in svg
        assert "&lt;19&gt;" in svg
        assert len(svg) < 4000


def test_the_same_numbers_are_the_same_bytes() -> None:
    assert columns(BARS, "x") == columns(BARS, "x")
    assert ranks(BARS, "x") == ranks(BARS, "x")


def heights(svg: str, side: str) -> list[float]:
    space = "{http://www.w3.org/2000/svg}"
    return [float(bar.attrib[side]) for bar in ET.fromstring(svg).iter(f"{space}rect")]


def test_bars_are_as_long_as_their_numbers() -> None:
    three, eight, five = heights(columns(BARS, "x"), "height")
    assert abs(three / eight - 3 / 8) < 0.01
    assert abs(five / eight - 5 / 8) < 0.01
    assert heights(ranks(BARS, "x"), "width")[-1] < heights(ranks(BARS, "x"), "width")[1], "the first is at the top"
    assert heights(columns([Bar("a", 0)], "x"), "height") == [0]


def test_eight_weeks_name_the_month_the_highest_and_the_present(app: object) -> None:
    mondays = [date(2026, 10, 5 + 7 * at) for at in range(4)] + [date(2026, 11, 2 + 7 * at) for at in range(4)]
    weeks = [
        Week(day, Money(amount, "IDR"), 1)
        for day, amount in zip(mondays, range(100_000, 900_000, 100_000), strict=True)
    ]
    weeks[2] = Week(mondays[2], Money(2_600_000, "IDR"), 1)
    with speaking("id"):
        chart = weeks_chart(weeks)
        assert weeks_chart([Week(mondays[0], Money(0, "IDR"), 0)]) is None
    assert chart is not None
    texts = re.findall(r"<text[^>]*>([^<]+)", chart.svg)
    assert texts == ["5 Okt", "12", "19", "26", "2 Nov", "9", "16", "23", "2,6", "0,8"]
    assert chart.svg.count('class="now"') == 1
    assert len(chart.rows) == 8
