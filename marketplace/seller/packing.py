"""The papers of packing as facts for templates/pdf: slips, labels, the picking list. No paper of a gift has prices, but
customs papers always have values (domain.md 7.3).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketplace.accounts import postal
from marketplace.catalog.attributes import fineness_text
from marketplace.catalog.queries.kinds import customs_codes
from marketplace.catalog.sizes import long_label
from marketplace.core import clock, papers
from marketplace.core.i18n import day, grams, money, ngettext, number, speaking
from marketplace.core.i18n import gettext as _
from marketplace.media.queries import thumbnails
from marketplace.orders.queries import LineView, SellerPart
from marketplace.workshops.queries.sender import Sender

BOX_GRAMS = 80  # a small box with its padding (domain.md 7.2)
SILVER = "7113.11"
DRAWN = ("LATIN", "GREEK", "CYRILLIC", "HEBREW")  # what the fonts of our papers can write
Contents = Sequence[tuple[LineView, int]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One slip: a part, read in this language, with what is in the parcel; for the buyer, or for the bench."""

    row: SellerPart
    contents: Contents
    language: str
    for_buyer: bool
    prices: bool  # of the buyer's slip, unless it is a gift


def contents_of(row: SellerPart, shipment_id: int | None = None) -> Contents:
    """What is in this parcel; without one: what is still to be sent, or all where nothing is."""
    for tracking in row.part.trackings:
        if tracking.id == shipment_id:
            return row.part.in_parcel(tracking)
    left = [(line, line.to_send) for line in row.part.lines if line.to_send]
    return left or [(line, line.quantity) for line in row.part.lines]


def slips(sheets: Sequence[Sheet], sender: Sender) -> dict[str, Any]:
    """One document of all sheets, each in its language."""
    photos = _Photos(line for sheet in sheets for line, _count in sheet.contents)
    codes = customs_codes([line.listing_id for sheet in sheets for line, _count in sheet.contents])
    made = []
    for sheet in sheets:
        with speaking(sheet.language):
            made.append(_sheet(sheet, sender, photos, codes))
    return {"title": _("Packing slip"), "author": sender.name, "photos": photos.bytes, "sheets": made}


class _Photos:
    """Small photos of lines, each once, and their places in the list."""

    def __init__(self, lines: Iterable[LineView]) -> None:
        found = thumbnails(line.photo.id for line in lines if line.photo is not None)
        self.places = {ident: place for place, ident in enumerate(found)}
        self.bytes = [list(data) for data in found.values()]

    def place(self, line: LineView) -> int | None:
        return self.places.get(line.photo.id) if line.photo is not None else None


def _sheet(sheet: Sheet, sender: Sender, photos: _Photos, codes: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
    row, part = sheet.row, sheet.row.part
    prices = sheet.for_buyer and sheet.prices and not part.is_gift
    heads = [_("Piece"), _("Quantity"), *([_("Price")] if prices else []), *([] if sheet.for_buyer else [_("Packed")])]
    customs = row.country != "ID" and not (sheet.for_buyer and part.is_gift)
    to = _without_phone(row) if sheet.for_buyer else row.address_lines
    return {
        **papers.paper(_("Packing slip") if sheet.for_buyer else _("For the bench"), row.number, _foot(sheet)),
        "number": row.number,
        "to": {"title": _("For"), "lines": list(to)},
        "from": {"title": _("From"), "lines": [sender.name, *sender.lines]},
        "facts": [] if sheet.for_buyer else _facts(row),
        "heads": heads,
        "prices": prices,
        "ticks": not sheet.for_buyer,
        "rows": [
            {
                **piece_of(line),
                "photo": photos.place(line),
                "quantity": number(count),
                "price": money(line.unit * count) if prices else "",
            }
            for line, count in sheet.contents
        ],
        "says": _says(sheet),
        "customs": customs_facts(row, sheet.contents, codes) if customs else None,
    }


def piece_of(line: LineView) -> dict[str, str]:
    """What tells a piece from its neighbors on the shelf."""
    metal = fineness_text(line.material, line.fineness, line.plating)
    weight = grams(line.weight_grams) if line.weight_grams is not None else ""
    facts = (long_label(line.size) if line.size else "", metal, weight, line.sku)
    return {
        "title": line.title,
        "details": " · ".join(fact for fact in facts if fact),
        "engraving": _("Engraving: %(text)s", text=line.engraving) if line.engraving else "",
    }


def _facts(row: SellerPart) -> list[tuple[str, str]]:
    return [
        (_("Post by"), day(row.part.ship_by_on, year=False)),
        (_("Travels with"), row.part.service_name),
        (_("Pieces"), number(row.part.piece_count)),
    ]


def _says(sheet: Sheet) -> list[str]:
    """The buyer's note goes into a gift as its greeting; otherwise it is a wish to the bench."""
    part = sheet.row.part
    note = f"“{part.note}”" if part.note else ""
    if sheet.for_buyer:
        return [note] if part.is_gift and note else []
    said = [_("A gift: no prices in the parcel")] if part.is_gift else []
    return [*said, _("From %(name)s:", name=sheet.row.buyer_name) + f" {note}"] if note else said


def _foot(sheet: Sheet) -> list[str]:
    part = sheet.row.part
    here = sum(count for _line, count in sheet.contents)
    said = [_("Made and packed by %(workshop)s, Celuk.", workshop=part.workshop_name)]
    if sheet.for_buyer and part.is_gift:
        said.append(_("This parcel is a gift: no prices inside."))
    rest = sum(line.quantity - line.refunded for line in part.lines) - here
    if rest > 0:
        said.append(
            ngettext(
                "%(num)s piece of this order travels in another parcel.",
                "%(num)s pieces of this order travel in another parcel.",
                rest,
            )
        )
    return said


def customs_facts(row: SellerPart, contents: Contents, codes: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
    """The lines of a CN22 or CN23, in English as the forms ask, with what was paid for each piece."""
    rows, weight, value = [], BOX_GRAMS, row.part.items * 0
    with speaking("en"):
        for line, count in contents:
            name, code = codes.get(line.listing_id, ("", ""))
            metal = fineness_text(line.material, line.fineness, line.plating)
            net = int(count * (line.weight_grams or 0))
            weight, value = weight + net, value + line.unit * count
            text = ", ".join(words for words in (name or "Piece", metal, "handmade") if words)
            sum_ = line.unit * count
            rows.append(
                [text, str(count), f"{net} g" if net else "", code or SILVER, "ID", f"{sum_.currency} {sum_.decimal}"]
            )
        return {
            "title": "Customs declaration (CN22/CN23)",
            "heads": ["Description", "Quantity", "Net weight", "HS", "Origin", "Value"],
            "rows": rows,
            "sums": [
                ("Weight of the parcel, about", f"{weight / 1000:.3f} kg"),
                ("Value", f"{value.currency} {value.decimal}"),
                ("Destination", postal.country_name(row.country, "en")),
                ("Sale of goods, origin", "Indonesia"),
            ],
        }


def labels(rows: Sequence[SellerPart], sender: Sender, *, start: int = 1, paper: str = "a4") -> dict[str, Any]:
    """`rows` are read in the language of their destination; `start` is the first free place of a used sheet, 1 to 8."""
    return {
        "title": _("Address labels"),
        "author": sender.name,
        "language": "id",
        "paper": paper,
        "start": start,
        "from": _("From"),
        "labels": [_label(row, sender) for row in rows],
    }


def _without_phone(row: SellerPart) -> list[str]:
    """The number is for the courier, not for whoever opens the parcel."""
    return [line for line in row.address_lines if line != postal.readable_phone(row.phone)]


def _label(row: SellerPart, sender: Sender) -> dict[str, Any]:
    """With the buyer's phone, the last line of the address: couriers ask for it."""
    name, *lines = row.address_lines
    return {
        "name": name,
        "lines": lines,
        "from": [sender.name, *sender.lines, *([sender.phone] if sender.phone else [])],
        "number": row.number,
        "service": row.part.service_name,
    }


def picking(rows: Sequence[SellerPart], until: str) -> dict[str, Any]:
    """Every piece that is still to be sent of these parts, what leaves first on top."""
    wanted = [(row, line) for row in rows for line in row.part.lines if line.to_send]
    photos = _Photos(line for _row, line in wanted)
    today = clock.today()
    pieces = sum(line.to_send for _row, line in wanted)
    subject = ngettext("%(num)s piece", "%(num)s pieces", pieces) + f", {until or day(today)}"
    return {
        **papers.paper(_("Picking list"), subject),
        "heads": [_("Piece"), _("Quantity"), _("Order"), _("Post by")],
        "photos": photos.bytes,
        "rows": [
            {
                **piece_of(line),
                "photo": photos.place(line),
                "quantity": line.to_send,
                "number": row.number,
                "due": day(row.part.ship_by_on, year=False),
                "late": row.part.ship_by_on < today,
            }
            for row, line in wanted
        ],
    }


def has_rare_letters(row: SellerPart) -> bool:
    """Whether the address has letters that our own fonts lack: the printed label is to be looked at first."""
    return any(
        char.isalpha() and not unicodedata.name(char, "").startswith(DRAWN)
        for line in row.address_lines
        for char in line
    )
