"""Charts as SVG: drawn by pygal, stripped of its styles, scripts and tooltips, dressed by work.css (class `chart`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pygal
from markupsafe import Markup
from pygal.style import Style

WIDTH, COLUMNS_HEIGHT, RANK_HEIGHT = 300, 156, 30  # in units that are a pixel on a phone of 360
ABOVE, VALUE_ROOM, BELOW = 16, 24, 4  # around the bars, for the value of the longest
_PLAIN = Style(font_family="sans-serif", label_font_size=11, major_label_font_size=11, value_font_size=11)
_DROPPED = {"defs", "desc", "title"}
_DROPPED_CLASSES = ("background", "tooltip-overlay", "titles", "plot overlay")
_LABEL_ROOM = 15  # what pygal leaves beside a drawing for labels that ours do not have
_LENGTHS = ("x", "y", "width", "height")


@dataclass(frozen=True, slots=True)
class Bar:
    """`label` names it, `value` is its length, `text` says the value, '' where it shall not be said."""

    label: str
    value: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """`svg` is called by its `finding`; `heads` and `rows` are the same as a table; `unit` is that of the bars."""

    svg: Markup
    finding: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    unit: str = ""


def columns(bars: Sequence[Bar], finding: str) -> Markup:
    """Side by side over time; the last one is now."""
    highest = _highest(bars)
    settings = _settings(bars, COLUMNS_HEIGHT)
    chart = pygal.Bar(settings, spacing=4, margin_left=-_LABEL_ROOM, y_labels=[0, highest / 2, highest])
    return _drawn(chart, bars, finding, "now")


def ranks(bars: Sequence[Bar], finding: str) -> Markup:
    """Below each other, the first at the top."""
    settings = _settings(bars, BELOW + RANK_HEIGHT * len(bars))
    chart = pygal.HorizontalBar(settings, spacing=3, margin_top=0, margin_right=VALUE_ROOM, show_x_labels=False)
    return _drawn(chart, bars[::-1], finding)


def _highest(bars: Sequence[Bar]) -> int:
    return max((bar.value for bar in bars), default=0) or 1


def _settings(bars: Sequence[Bar], height: int) -> Any:
    return pygal.Config(
        css=[],
        js=[],
        style=_PLAIN,
        width=WIDTH,
        height=height,
        margin=0,
        margin_top=ABOVE,
        margin_bottom=BELOW,
        range=(0, _highest(bars)),
        print_values=True,
        print_values_position="top",
        rounded_bars=2,
        show_legend=False,
        truncate_label=99,
        value_formatter=lambda _value: "",
    )


def _drawn(chart: Any, bars: Sequence[Bar], finding: str, last: str = "") -> Markup:
    chart.x_labels = [bar.label for bar in bars]
    chart.add("", [{"value": bar.value, "formatter": lambda _value, text=bar.text: text} for bar in bars])
    chart.add_xml_filter(lambda root: _dressed(root, finding, last))
    return Markup(chart.render(is_unicode=True, disable_xml_declaration=True))  # noqa: S704 (an element tree, escaped)


def _dressed(root: Any, finding: str, last: str) -> Any:
    root.attrib.pop("id", None)
    root.attrib.update({"class": "chart", "role": "img", "aria-label": finding})
    for node in list(root.iter()):
        for child in [child for child in node if _is_dropped(child)]:
            node.remove(child)
        node.attrib.pop("style", None)
        for name in _LENGTHS:
            if name in node.attrib:
                node.attrib[name] = f"{float(node.attrib[name]):.1f}"
    bars = list(root.iter("rect"))
    for node in bars:
        node.attrib["class"] = "bar"
    if bars and last:
        bars[-1].attrib["class"] = last
    return root


def _is_dropped(node: Any) -> bool:
    """Comments have no name; texts that say nothing need not be there."""
    cls = node.attrib.get("class", "")
    if not isinstance(node.tag, str) or node.tag in _DROPPED or cls.endswith(_DROPPED_CLASSES):
        return True
    return node.tag == "text" and not (node.text or "").strip()
