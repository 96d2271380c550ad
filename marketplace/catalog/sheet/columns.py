"""The columns of the table. A heading is known in both languages, and so is every choice that a cell can hold.

Numbers are read as people write them (core/typed.py). What a cell cannot mean raises Mistyped with its sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from marketplace.core.i18n import LANGUAGES, Lazy, language, speaking
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.typed import Mistyped, clean, number_within, one_line, rupiah_within

from ..attributes import FINENESSES, FINISHES, MATERIALS, PLATINGS, TECHNIQUES
from ..models import ListingState

JOINT = " | "  # between several choices of one cell: names hold commas
Reader = Callable[[str], Any]
Writer = Callable[[Any], str | int | Decimal | None]

STATES: dict[str, Lazy] = {
    "draft": _l("Draft"),
    "live": _l("On sale"),
    "paused": _l("Paused"),
    "archived": _l("Archived"),
}
SOLD_AS: dict[str, Lazy] = {"piece": _l("piece"), "pair": _l("pair"), "set": _l("set")}
YES_NO: dict[str, Lazy] = {"yes": _l("yes"), "no": _l("no")}


@dataclass(frozen=True, slots=True)
class Column:
    """`of` is whom a cell belongs to: the words of a piece ('version'), the piece itself ('listing'), or a size."""

    code: str
    heading: Lazy
    of: str
    example: str
    read: Reader
    write: Writer = field(default=lambda value: value)
    choices: Mapping[str, Lazy] | None = None

    @property
    def names(self) -> set[str]:
        """Everything that may stand as its heading, folded."""
        return {folded(self.code), *both(self.heading)}


def folded(text: str) -> str:
    return one_line(text).casefold()


def both(name: Lazy) -> set[str]:
    found = set()
    for lang in LANGUAGES:
        with speaking(lang):
            found.add(folded(str(name)))
    return found


def chosen(names: Mapping[str, Lazy]) -> Reader:
    """Reads one of several choices: by its code, or by its name in either language."""

    @cache
    def known() -> dict[str, str]:
        return {word: code for code, name in names.items() for word in {folded(code), *both(name)}}

    def read(text: str) -> str:
        if not text:
            return ""
        code = known().get(folded(text))
        if code is None:
            raise Mistyped(_l("“%(text)s” is not in the list of this column.", text=text[:40]))
        return code

    return read


def named(names: Mapping[str, Lazy]) -> Writer:
    return lambda code: str(names.get(code, code)) if code else ""


def several(names: Mapping[str, Lazy]) -> Reader:
    one = chosen(names)

    def read(text: str) -> list[str]:
        return list(dict.fromkeys(one(one_line(part)) for part in text.split("|") if one_line(part)))

    return read


def line_up_to(longest: int) -> Reader:
    return _text(one_line, longest)


def text_up_to(longest: int) -> Reader:
    return _text(clean, longest)


def _text(made: Callable[[str], str], longest: int) -> Reader:
    def read(text: str) -> str:
        kept = made(text)
        if len(kept) > longest:
            raise Mistyped(_l("At most %(most)s characters; this has %(count)s.", most=longest, count=len(kept)))
        return kept

    return read


def whole(least: int, most: int, *, empty: int | None = None) -> Reader:
    def read(text: str) -> int | None:
        if not text:
            return empty
        number = number_within(text, Decimal(least), Decimal(most))
        if number != number.to_integral_value():
            raise Mistyped(_l("Write a whole number."))
        return int(number)

    return read


def rupiah(least: int, *, empty: int | None = None) -> Reader:
    def read(text: str) -> int | None:
        return int(rupiah_within(text, Decimal(least), Decimal(10**10))) if text else empty

    return read


def grams(text: str) -> Decimal | None:
    """'12,5', '12.5 g' and '12,5 gram' are twelve and a half."""
    text = folded(text).removesuffix("gram").removesuffix("gr").removesuffix("g").strip()
    return number_within(text, Decimal("0.1"), Decimal(99999)).quantize(Decimal("0.1")) if text else None


def _decimal(value: Decimal | None) -> str | None:
    """With the comma of the reader's spreadsheet."""
    if value is None:
        return None
    return f"{value:f}".replace(".", ",") if language() == "id" else f"{value:f}"


def _fineness(text: str) -> int | None:
    if not text:
        return None
    value = whole(1, 999)(text)
    if value not in {one for values in FINENESSES.values() for one in values}:
        raise Mistyped(_l("This fineness is not stamped here: 800, 925, 950 or 999 for silver."))
    return int(value)


_read_yes, _read_sold_as = chosen(YES_NO), chosen(SOLD_AS)


def _yes(text: str) -> bool:
    return bool(_read_yes(text) == "yes")


def _or_one(text: str) -> int:
    return int(whole(1, 200, empty=1)(text) or 1)


def _sold_as(text: str) -> str:
    return _read_sold_as(text) or "piece"


def _columns() -> Iterable[Column]:
    def words(code: str, heading: Lazy, example: str, longest: int, *, lines: bool = False) -> Column:
        return Column(code, heading, "version", example, text_up_to(longest) if lines else line_up_to(longest))

    yield Column("number", _l("Number"), "key", "", whole(1, 10**15), lambda value: value)
    yield Column("sku", _l("Code"), "listing", "LS-014", line_up_to(40), lambda value: value or "")
    yield Column("state", _l("Status"), "state", "", chosen(STATES), named(STATES), STATES)
    yield Column("category_id", _l("Kind"), "version", "", line_up_to(120))
    yield words("title_id", _l("Name, Indonesian"), "Cincin jawan", 120)
    yield words("title_en", _l("Name, English"), "Granulated ring", 120)
    yield words("description_id", _l("Story, Indonesian"), "", 5000, lines=True)
    yield words("description_en", _l("Story, English"), "", 5000, lines=True)
    yield Column("material", _l("Metal"), "version", "", chosen(MATERIALS), named(MATERIALS), MATERIALS)
    yield Column("fineness", _l("Fineness"), "version", "925", _fineness)
    yield Column("plating", _l("Plating"), "version", "", chosen(PLATINGS), named(PLATINGS), PLATINGS)
    yield Column("weight_grams", _l("Weight, grams"), "version", "6,8", grams, _decimal)
    yield Column(
        "techniques",
        _l("Techniques"),
        "version",
        "",
        several(TECHNIQUES),
        lambda codes: JOINT.join(str(TECHNIQUES.get(code, code)) for code in codes),
        TECHNIQUES,
    )
    yield Column("finish", _l("Finish"), "version", "", chosen(FINISHES), named(FINISHES), FINISHES)
    yield words("stones_id", _l("Stones, Indonesian"), "garnet 8 x 6 mm", 200)
    yield words("stones_en", _l("Stones, English"), "", 200)
    yield words("dimensions_id", _l("Dimensions, Indonesian"), "34 x 12 mm", 200)
    yield words("dimensions_en", _l("Dimensions, English"), "", 200)
    yield Column("sold_as", _l("Sold as"), "version", "", _sold_as, named(SOLD_AS), SOLD_AS)
    yield Column("set_count", _l("Pieces in a set"), "version", "1", _or_one)
    yield Column("engraving_limit", _l("Engraving, letters"), "version", "", whole(0, 120, empty=0))
    yield Column("engraving_price_idr", _l("Engraving, price"), "listing", "", rupiah(0, empty=0))
    yield Column(
        "made_to_order",
        _l("Made to order"),
        "listing",
        "",
        _yes,
        lambda value: str(YES_NO["yes" if value else "no"]),
        YES_NO,
    )
    yield Column("lead_time_days", _l("Working days"), "listing", "0", whole(0, 365, empty=0))
    yield Column("size", _l("Size"), "size", "", line_up_to(40))
    yield Column("price", _l("Price, rupiah"), "size", "745000", rupiah(1000))
    yield Column("stock", _l("Stock"), "size", "3", whole(0, 9999))
    yield Column("stock_was", _l("Stock when downloaded"), "size", "", whole(0, 9999))
    yield Column("size_weight", _l("Weight of this size, grams"), "size", "", grams, _decimal)
    yield Column("labour", _l("Making charge of this size"), "size", "", rupiah(0))


COLUMNS: Sequence[Column] = tuple(_columns())
BY_CODE: dict[str, Column] = {column.code: column for column in COLUMNS}


@cache
def by_heading() -> dict[str, Column]:
    return {name: column for column in COLUMNS for name in column.names}


def of(*kinds: str) -> tuple[Column, ...]:
    return tuple(column for column in COLUMNS if column.of in kinds)


def state_of(code: str) -> ListingState | None:
    return ListingState(code) if code else None
