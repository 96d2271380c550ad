"""Sizes as people at the bench type them, brought to the one spelling that variants keep."""

from __future__ import annotations

import re
from decimal import Decimal

from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.i18n import number
from marketplace.core.typed import one_line, parse_decimal

from .sizes import ring_size, ring_table

HINTS = {
    "ring": _l("US size or inner diameter, for example US 7 or 17.3 mm."),
    "bangle": _l("Inner diameter, for example 62 mm."),
    "length": _l("Length, for example 19 cm."),
    "head": _l("Head circumference, for example 56 cm."),
    "bore": _l("Bore, for example 8 mm."),
    "": _l("Leave it empty if there is only one size."),
}
_NEAR = Decimal("0.25")  # a ring's diameter may differ this many millimeters from the table's


def normalized(text: str, kind: str) -> str:
    """'7' and '17,3 mm' become 'US 7' for a ring, '62' becomes '62 mm' for a bangle; other kinds stay as typed.

    Raises:
        ValueError: the kind has a system, and this is no size of it.
    """
    text = re.sub(r"(?<=\d),(?=\d)", ".", one_line(text))
    if not text:
        return ""
    if kind == "ring":
        return _ring(text)
    if kind == "bangle":
        return f"{_digits(text):f} mm"
    if kind == "length" and _is_number(text):
        return f"{parse_decimal(text):f} cm"
    if kind == "head" and _is_number(text):
        return f"{parse_decimal(text):f} cm head"
    if kind == "bore":
        return f"bore {_digits(text):f} mm"
    return text


def suggestions(kind: str) -> list[tuple[str, str]]:
    """(size, what it means) for the list below the box."""
    if kind == "ring":
        return [(row.code, f"Ø {number(round(row.diameter, 1))} mm") for row in ring_table()]
    if kind == "bangle":
        return [(f"{mm} mm", "") for mm in (58, 60, 62, 65, 68)]
    return []


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+([.,]\d+)?", text) is not None


def _digits(text: str) -> Decimal:
    found = re.search(r"\d+([.,]\d+)?", text)
    if found is None:
        raise ValueError(text)
    return parse_decimal(found.group()).normalize() + 0


def _ring(text: str) -> str:
    value = _digits(text)
    if "mm" in text.lower() or "ø" in text.lower() or value > 14:
        nearest = min(ring_table(), key=lambda row: abs(row.diameter - value))
        if abs(nearest.diameter - value) > _NEAR:
            raise ValueError(text)
        return nearest.code
    found = ring_size(f"US {value:f}")
    if found is None:
        raise ValueError(text)
    return found.code
