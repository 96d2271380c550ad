"""Ring sizes and other sizes. To change the table, edit data/ring_sizes.csv (computed: domain.md 3.4).

Rows keep millimeters; people read the size of their market: US in English, the inner diameter first in Indonesian.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

from babel.numbers import format_decimal

from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import language, number
from marketplace.core.i18n import lazy_gettext as _l

DATA = Path(__file__).parent / "data"

# What a category's `size_kind` asks for; the label of the choice on the page and of the field in the seller's form.
KINDS = {
    "ring": _l("Ring size"),
    "bangle": _l("Inner diameter"),
    "length": _l("Length"),
    "head": _l("Head circumference"),
    "bore": _l("Bore"),
    "": _l("Size"),
}


@dataclass(frozen=True, slots=True)
class RingSize:
    """One row of the conversion table; lengths in millimeters."""

    us: Decimal
    uk: str
    eu: int
    jp: int
    diameter: Decimal
    circumference: Decimal

    @property
    def code(self) -> str:
        """As a variant keeps it: 'US 7', 'US 7.5'."""
        return f"US {self.us.normalize():f}"

    @property
    def us_text(self) -> str:
        return number(self.us)

    @property
    def inside(self) -> str:
        return mm(self.diameter)

    @property
    def round(self) -> str:
        return mm(self.circumference)


@cache
def ring_table() -> tuple[RingSize, ...]:
    """US 3 to 14 by halves, from small to large."""
    with (DATA / "ring_sizes.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            RingSize(
                Decimal(row["us"]),
                row["uk"],
                int(row["eu_iso8653"]),
                int(row["jp"]),
                Decimal(row["inner_diameter_mm"]),
                Decimal(row["inner_circumference_mm"]),
            )
            for row in csv.DictReader(file)
        )


@cache
def _by_code() -> dict[str, RingSize]:
    return {size.code: size for size in ring_table()}


def ring_size(code: str) -> RingSize | None:
    """The row that a variant's size names, or None for sizes of another kind ('19 cm', 'M')."""
    return _by_code().get(code)


def millimeters(code: str, kind: str) -> Decimal | None:
    """What a variant keeps beside its size: the inner diameter of rings and bangles."""
    ring = ring_size(code)
    if ring is not None:
        return ring.diameter
    digits = code.removesuffix("mm").strip()
    return Decimal(digits) if kind == "bangle" and digits.isdigit() else None


def conversion(codes: Sequence[str]) -> list[RingSize]:
    """The rows of the fold beside a ring: its own sizes, or the whole table when there are none."""
    known = [size for size in map(ring_size, codes) if size is not None]
    return sorted(known, key=lambda size: size.us) or list(ring_table())


def mm(value: Decimal, digits: int = 1) -> str:
    """17.3 mm / 17,3 mm; always with that many digits, so that a column lines up."""
    return _mm(value, digits, "id_ID" if language() == "id" else "en_US")


@lru_cache(maxsize=1024)
def _mm(value: Decimal, digits: int, locale: str) -> str:
    return format_decimal(value, format="#,##0." + "0" * digits if digits else "#,##0", locale=locale) + " mm"


def long_label(code: str) -> str:
    """'US 7' in English, 'Ø 17,3 mm / keliling 54,4 mm' in Indonesian; other sizes as the maker wrote them."""
    ring = ring_size(code)
    if ring is None or language() == "en":
        return _localized(code)
    return str(_("Ø %(diameter)s / %(round)s round", diameter=mm(ring.diameter), round=mm(ring.circumference)))


def short_label(code: str) -> str:
    """On the button of a choice whose legend names the system: '7' / '17,3 mm'."""
    ring = ring_size(code)
    if ring is None:
        return _localized(code)
    return f"{ring.us.normalize():f}" if language() == "en" else mm(ring.diameter)


def legend(kind: str) -> str:
    """The question above the choice."""
    if kind == "ring":
        return str(_("Ring size (US)") if language() == "en" else _("Ring size, inner diameter"))
    return str(KINDS.get(kind, KINDS[""]))


def _localized(code: str) -> str:
    """As the maker wrote it: 'bore 8 mm' and '52-58 cm head' in the reader's language, decimals with its comma."""
    if code.startswith("bore "):
        code = _("bore %(size)s", size=code.removeprefix("bore "))
    elif code.endswith(" head"):
        code = _("%(size)s head", size=code.removesuffix(" head"))
    return code.replace(".", ",") if language() == "id" else code
