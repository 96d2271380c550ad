"""The editor's form as a piece stands, and what a page that is drawn again has to learn meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from marketplace.catalog.queries.kinds import Kind
from marketplace.catalog.queries.own import OwnPiece
from marketplace.core.i18n import language

from .listing import MOST_SIZES, ListingForm, grams_text, rupiah


def filled_form(piece: OwnPiece, kinds: Sequence[Kind], more_rows: int = 0) -> ListingForm:
    """The form as the piece stands, with empty rows for further sizes."""
    words = piece.words
    return ListingForm(
        formdata=None,
        kinds=kinds,
        data={
            "saw": str(piece.edits),
            "title_id": words.title_id,
            "title_en": words.title_en,
            "description_id": words.description_id,
            "description_en": words.description_en,
            "category_id": str(words.category_id or ""),
            "material": words.material,
            "fineness": str(words.fineness or ""),
            "plating": words.plating,
            "weight_grams": grams_text(words.weight_grams),
            "techniques": list(words.techniques),
            "finish": words.finish,
            "stones_en": words.stones_en,
            "stones_id": words.stones_id,
            "dimensions_en": words.dimensions_en,
            "dimensions_id": words.dimensions_id,
            "sold_as": words.sold_as,
            "set_count": str(words.set_count) if words.sold_as == "set" and words.set_count > 1 else "",
            "engraving_limit": str(words.engraving_limit or ""),
            "engraving_price": rupiah(piece.engraving_price_idr),
            "price": rupiah(piece.price),
            "made_to_order": "yes" if piece.made_to_order else "no",
            "lead_time_days": str(piece.lead_time_days or ""),
            "sizes": _size_rows(piece, more_rows),
            "texts": photo_rows(piece),
        },
    )


def _size_rows(piece: OwnPiece, more: int) -> list[dict[str, str]]:
    rows = [
        {
            "variant_id": str(size.variant_id or ""),
            "saw": str(size.stock) if size.variant_id else "",
            "size": size.size if language() == "en" else size.size.replace(".", ","),
            "stock": str(size.stock) if size.stock or piece.is_published else "",  # not yet said
            "price": rupiah(size.price) if size.price != piece.price else "",
            "weight": grams_text(size.weight_grams),
            "labour": "0" if size.labour_idr == 0 else rupiah(size.labour_idr),
        }
        for size in piece.sizes
    ]
    return ((rows or [{}]) + [{} for _ in range(more)])[:MOST_SIZES]


def photo_rows(piece: OwnPiece) -> list[dict[str, str]]:
    return [{"photo_id": str(photo.photo_id), "alt_id": photo.alt_id, "alt_en": photo.alt_en} for photo in piece.photos]


def catch_up(form: ListingForm, piece: OwnPiece) -> None:
    """Somebody was quicker: keep what was typed, but let the form name the stock that is there now."""
    stock = {str(size.variant_id): str(size.stock) for size in piece.sizes if size.variant_id}
    for entry in form.sizes:
        if entry.form.variant_id.data in stock:
            entry.form.saw.data = stock[entry.form.variant_id.data]
        else:
            entry.form.variant_id.data = entry.form.saw.data = ""


def add_photo_rows(form: ListingForm, piece: OwnPiece) -> None:
    """Text boxes for photos that arrived with the form itself."""
    known = {entry.form.photo_id.data for entry in form.texts}
    for row in photo_rows(piece):
        if row["photo_id"] not in known and len(form.texts) < 10:
            form.texts.append_entry(row)
