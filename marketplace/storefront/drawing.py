"""A drawing at scale, made from a piece's dimensions: nobody should have to guess its size (DESIGN.md 2, rule 8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from marketplace.catalog import sizes
from marketplace.catalog.queries.listing import ListingPage

_NUMBER = r"(\d{1,4}(?:[.,]\d)?)"
_PAIR = re.compile(_NUMBER + r"(?:\s*mm)?\s*[x×]\s*" + _NUMBER + r"(?:\s*[x×]\s*[\d.,]+)?\s*(mm|cm)", re.IGNORECASE)
_ACROSS = re.compile(_NUMBER + r"\s*(mm|cm)\s*(?:outer\s+)?(?:diameter|across|wide|lebar)", re.IGNORECASE)
_HIGH = re.compile(_NUMBER + r"\s*(mm|cm)\s*(?:high|tall|long|tinggi|panjang)", re.IGNORECASE)
_RULERS = (1000, 500, 300, 200, 100, 50, 30, 20, 10)
SPAN = 130  # units of the drawing that the longer side takes


@dataclass(frozen=True, slots=True)
class Drawing:
    """Millimeters, and the same in units of a square of 220; `is_round` when the piece is as high as it is wide."""

    width_mm: float
    height_mm: float
    ruler_mm: int
    is_ring: bool = False

    @property
    def width_text(self) -> str:
        return _text(self.width_mm)

    @property
    def height_text(self) -> str:
        return _text(self.height_mm)

    @property
    def scale(self) -> float:
        return SPAN / max(self.width_mm, self.height_mm)

    @property
    def width(self) -> float:
        return round(self.width_mm * self.scale, 1)

    @property
    def height(self) -> float:
        return round(self.height_mm * self.scale, 1)

    @property
    def ruler(self) -> float:
        return round(self.ruler_mm * self.scale, 1)

    @property
    def is_round(self) -> bool:
        return self.width_mm == self.height_mm


def of(piece: ListingPage) -> Drawing | None:
    """The drawing, or None when the dimensions name no width and height."""
    if piece.size_kind == "ring":
        return _ring(piece)
    size = _size(piece.measured)
    if size is None or min(size) < max(size) / 12:
        return None
    return Drawing(*size, _ruler(max(size)))


def _ring(piece: ListingPage) -> Drawing | None:
    """The inside of the middle size that is offered."""
    known = [size for size in (sizes.ring_size(choice.size) for choice in piece.variants) if size is not None]
    if not known:
        return None
    inside = float(known[len(known) // 2].diameter)
    return Drawing(inside, inside, _ruler(inside), is_ring=True)


def _ruler(longest: float) -> int:
    return next((length for length in _RULERS if length <= longest * 1.25), _RULERS[-1])


def _text(millimeters: float) -> str:
    return sizes.mm(Decimal(str(millimeters)), 0 if millimeters >= 30 or millimeters.is_integer() else 1)


def _size(text: str) -> tuple[float, float] | None:
    pair = _PAIR.search(text)
    if pair:
        return _mm(pair[1], pair[3]), _mm(pair[2], pair[3])
    across, high = _ACROSS.search(text), _HIGH.search(text)
    if across:
        width = _mm(across[1], across[2])
        return width, _mm(high[1], high[2]) if high else width
    return None


def _mm(digits: str, unit: str) -> float:
    return float(digits.replace(",", ".")) * (10 if unit.lower() == "cm" else 1)
