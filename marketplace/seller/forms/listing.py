"""The editor of a piece: every field may be empty, because a draft is saved at every step."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as SubForm

from marketplace.catalog import attributes
from marketplace.catalog.queries.kinds import Kind
from marketplace.catalog.queries.own import OwnPiece
from marketplace.catalog.services.drafts import Draft
from marketplace.catalog.services.variants import Offer, Size
from marketplace.catalog.sizes import millimeters
from marketplace.catalog.typed_sizes import normalized
from marketplace.core.forms import Form, NumberField, RupiahField, clean, one_line
from marketplace.core.i18n import language, number
from marketplace.core.i18n import lazy_gettext as _l

from .texts import at_most

MOST_SIZES = 30
FREQUENT = (
    *("granulation", "wirework", "filigree", "wire-weaving", "hammering", "chasing", "repousse", "openwork"),
    *("lost-wax-casting", "bezel-setting"),
)
CHOOSE = ("", _l("Choose"))


def _whole(field: NumberField) -> int:
    return int(field.number or 0)


def whole_number(text: str | None) -> int | None:
    """What only a machine writes; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def rupiah(amount: int | None) -> str:
    """As it stands in a box: 745.000."""
    return f"{amount:,}".replace(",", ".") if amount else ""


def _code(value: str | None) -> str:
    """Fewer digits than the database holds: a hand-made option is no choice anyway."""
    return str(value or "")[:40]


class SizeForm(SubForm):
    """One size with its stock. `saw` is the stock that this form was made from."""

    variant_id = HiddenField()
    saw = HiddenField()
    size = StringField(_l("Size"), [at_most(40)])
    stock = NumberField(_l("Stock"), most=9999)
    price = RupiahField(least=1000, most=10**10)
    gone = BooleanField()

    @property
    def is_blank(self) -> bool:
        return not (self.variant_id.data or one_line(self.size.data) or one_line(self.stock.data))

    def row(self, kind: str) -> Size:
        code = normalized(self.size.data or "", kind)
        return Size(
            size=code,
            stock=_whole(self.stock),
            price=int(self.price.number) if self.price.number else None,
            variant_id=whole_number(self.variant_id.data),
            saw=whole_number(self.saw.data),
            size_mm=millimeters(code, kind),
        )


class PhotoTextForm(SubForm):
    photo_id = HiddenField()
    alt_id = StringField(_l("What one sees, in Indonesian"), [at_most(300)])
    alt_en = StringField(_l("What one sees, in English"), [at_most(300)])


class ListingForm(Form):
    saw = HiddenField()
    title_id = StringField(_l("Name of the piece"), [at_most(120)])
    title_en = StringField(_l("Name in English"), [at_most(120)])
    description_id = TextAreaField(_l("Short story"), [at_most(5000)])
    description_en = TextAreaField(_l("Short story in English"), [at_most(5000)])
    category_id = SelectField(_l("Kind"), choices=(), coerce=_code)
    material = SelectField(_l("Metal"), choices=(), coerce=_code)
    fineness = SelectField(_l("Fineness"), choices=(), coerce=_code)
    plating = SelectField(_l("Plating"), choices=(), coerce=_code)
    weight_grams = NumberField(_l("Weight"), least="0.1", most=99999)
    techniques = SelectMultipleField(_l("Technique"), choices=(), coerce=_code)
    finish = SelectField(_l("Finish"), choices=(), coerce=_code)
    stones_en = StringField(_l("Stones"), [at_most(200)])
    stones_id = StringField(_l("Stones"), [at_most(200)])
    dimensions_en = StringField(_l("Dimensions"), [at_most(200)])
    dimensions_id = StringField(_l("Dimensions"), [at_most(200)])
    engraving_limit = NumberField(_l("Engraving, at most how many letters"), most=120)
    price = RupiahField(_l("Sale price"), least=1000, most=10**10)
    made_to_order = RadioField(_l("How it is sold"), choices=(("no", ""), ("yes", "")), default="no", coerce=_code)
    lead_time_days = NumberField(_l("Working days to make it"), most=365)
    sizes = FieldList(FormField(SizeForm), max_entries=MOST_SIZES)
    texts = FieldList(FormField(PhotoTextForm), max_entries=10)

    def __init__(self, *args: Any, kinds: Sequence[Kind] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.kinds = {kind.id: kind for kind in kinds}
        self.category_id.choices = [CHOOSE, *((str(kind.id), kind.name) for kind in kinds)]
        self.material.choices = [CHOOSE, *attributes.choices(attributes.MATERIALS)]
        self.fineness.choices = [CHOOSE, *_finenesses()]
        self.plating.choices = [("", _l("none")), *attributes.choices(attributes.PLATINGS)]
        self.techniques.choices = attributes.choices(attributes.TECHNIQUES)
        self.finish.choices = [CHOOSE, *attributes.choices(attributes.FINISHES)]

    @property
    def has_own_prices(self) -> bool:
        """Whether the fold with the sizes' own prices holds something to see."""
        return any(entry.form.price.data or entry.form.gone.data or entry.form.price.errors for entry in self.sizes)

    @property
    def frequent_techniques(self) -> set[str]:
        """Those that stand open in the form: of the village, and what is ticked already."""
        return {*FREQUENT, *(self.techniques.data or ())}

    @property
    def groups(self) -> dict[str, list[Kind]]:
        """The categories below the name of the one above them."""
        groups: dict[str, list[Kind]] = {}
        for kind in self.kinds.values():
            groups.setdefault(kind.group, []).append(kind)
        return groups

    @property
    def kind(self) -> Kind | None:
        """The category that is chosen in the form, saved or not."""
        return self.kinds.get(whole_number(self.category_id.data) or 0)

    @property
    def size_kind(self) -> str:
        return self.kind.size_kind if self.kind else ""

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        for entry in self.sizes:
            try:
                normalized(entry.form.size.data or "", self.size_kind)
            except ValueError:
                entry.form.size.errors = [_l("Write the size as in the example.")]
                is_valid = False
        return is_valid

    def problems(self) -> list[tuple[str, str]]:
        """As every form, with the fields inside the lists by their own ids."""
        found: list[tuple[str, str]] = []
        for field in self:
            if isinstance(field, FieldList):
                inner = [inner for entry in field for inner in entry.form]
                found += [(one.id, str(error)) for one in inner for error in one.errors]
            else:
                found += [(field.id, str(error)) for error in field.errors]
        return found

    def draft(self) -> Draft:
        weight = self.weight_grams.number
        return Draft(
            title_en=one_line(self.title_en.data),
            title_id=one_line(self.title_id.data),
            description_en=clean(self.description_en.data),
            description_id=clean(self.description_id.data),
            category_id=whole_number(self.category_id.data),
            material=self.material.data or "",
            fineness=whole_number(self.fineness.data),
            plating=self.plating.data or "",
            weight_grams=weight.quantize(Decimal("0.1")) if weight is not None else None,
            techniques=tuple(self.techniques.data or ()),
            finish=self.finish.data or "",
            stones_en=one_line(self.stones_en.data),
            stones_id=one_line(self.stones_id.data),
            dimensions_en=one_line(self.dimensions_en.data),
            dimensions_id=one_line(self.dimensions_id.data),
            engraving_limit=_whole(self.engraving_limit),
            photo_texts=self._photo_texts(),
        )

    def _photo_texts(self) -> dict[int, tuple[str, str]]:
        texts = {}
        for entry in self.texts:
            ident = whole_number(entry.form.photo_id.data)
            if ident is not None:
                texts[ident] = (one_line(entry.form.alt_en.data), one_line(entry.form.alt_id.data))
        return texts

    def offer(self) -> Offer:
        kept = [entry.form for entry in self.sizes if not entry.form.gone.data and not entry.form.is_blank]
        rows = [form.row(self.size_kind) for form in kept] or [Size()]
        return Offer(
            price=int(self.price.number) if self.price.number else None,
            sizes=rows,
            made_to_order=self.made_to_order.data == "yes",
            lead_time_days=_whole(self.lead_time_days),
        )

    def seen(self) -> int | None:
        return whole_number(self.saw.data)


def _finenesses() -> list[tuple[str, str]]:
    values = sorted({value for values in attributes.FINENESSES.values() for value in values})
    return [(str(value), str(value)) for value in values]


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
            "weight_grams": number(words.weight_grams) if words.weight_grams is not None else "",
            "techniques": list(words.techniques),
            "finish": words.finish,
            "stones_en": words.stones_en,
            "stones_id": words.stones_id,
            "dimensions_en": words.dimensions_en,
            "dimensions_id": words.dimensions_id,
            "engraving_limit": str(words.engraving_limit or ""),
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
            "stock": str(size.stock),
            "price": rupiah(size.price) if size.price != piece.price else "",
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
