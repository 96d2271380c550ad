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
from marketplace.catalog.services.drafts import Draft, Save
from marketplace.catalog.services.variants import Offer, Size
from marketplace.catalog.sizes import millimeters
from marketplace.catalog.typed_sizes import normalized
from marketplace.core.forms import Form, GramsField, NumberField, RupiahField, clean, one_line
from marketplace.core.i18n import language
from marketplace.core.i18n import lazy_gettext as _l

from .texts import at_most

MOST_SIZES = 30
FREQUENT = (
    *("granulation", "wirework", "filigree", "wire-weaving", "hammering", "chasing", "repousse", "openwork"),
    *("lost-wax-casting", "bezel-setting"),
)
CHOOSE = ("", _l("Choose"))
OTHER = "other"  # the chip that opens the list of all kinds
SOLD_AS = (("piece", _l("One piece")), ("pair", _l("A pair")), ("set", _l("A set")))
# The chips of a workshop that has listed nothing yet (data/taxonomy.csv).
USUAL_KINDS = ("rings", "earrings", "bracelets", "bangles", "necklaces", "pendants")
CHIPS = 9


def _whole(field: NumberField) -> int:
    return int(field.number or 0)


def whole_number(text: str | None) -> int | None:
    """What only a machine writes; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _tenths(field: NumberField) -> Decimal | None:
    return field.number.quantize(Decimal("0.1")) if field.number is not None else None


def grams_text(weight: Decimal | None) -> str:
    """As it stands in a box: 12,5 or 1250,5; thousands stand together, so that they are read back as they are."""
    if weight is None:
        return ""
    text = f"{weight.normalize():f}"
    return text.replace(".", ",") if language() == "id" else text


def rupiah(amount: int | None) -> str:
    """As it stands in a box: 745.000."""
    return f"{amount:,}".replace(",", ".") if amount else ""


def is_key(text: str) -> bool:
    """What a phone may name something of its own: 8 to 40 letters, digits and hyphens."""
    return 8 <= len(text) <= 40 and text.isascii() and text.replace("-", "").isalnum()


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
    weight = GramsField(least="0.1", most=99999)
    labour = RupiahField(most=10**9)
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
            weight_grams=_tenths(self.weight),
            labour_idr=int(self.labour.number) if self.labour.number is not None else None,
        )


class PhotoTextForm(SubForm):
    photo_id = HiddenField()
    alt_id = StringField(_l("What one sees, in Indonesian"), [at_most(300)])
    alt_en = StringField(_l("What one sees, in English"), [at_most(300)])


class ListingForm(Form):
    saw = HiddenField()
    page = HiddenField()  # of the phone: which open page this is, and its how-manieth save
    step = HiddenField()
    draft_key = HiddenField()
    title_id = StringField(_l("Name of the piece"), [at_most(120)])
    title_en = StringField(_l("Name in English"), [at_most(120)])
    description_id = TextAreaField(_l("Short story"), [at_most(5000)])
    description_en = TextAreaField(_l("Short story in English"), [at_most(5000)])
    category_id = SelectField(_l("Kind"), choices=(), coerce=_code, default="")
    other_kind = SelectField(_l("All kinds"), choices=(), coerce=_code, default="")  # for those without a chip
    material = SelectField(_l("Metal"), choices=(), coerce=_code)
    fineness = SelectField(_l("Fineness"), choices=(), coerce=_code)
    plating = SelectField(_l("Plating"), choices=(), coerce=_code)
    weight_grams = GramsField(_l("Weight"), least="0.1", most=99999)
    techniques = SelectMultipleField(_l("Technique"), choices=(), coerce=_code)
    finish = SelectField(_l("Finish"), choices=(), coerce=_code)
    stones_en = StringField(_l("Stones"), [at_most(200)])
    stones_id = StringField(_l("Stones"), [at_most(200)])
    dimensions_en = StringField(_l("Dimensions"), [at_most(200)])
    dimensions_id = StringField(_l("Dimensions"), [at_most(200)])
    sold_as = RadioField(_l("Sold as"), choices=SOLD_AS, default="piece", coerce=_code)
    set_count = NumberField(_l("Pieces in the set"), least=2, most=99)
    engraving_limit = NumberField(_l("Engraving, at most how many letters"), most=120)
    engraving_price = RupiahField(_l("Price of the engraving"), most=10**9)
    price = RupiahField(_l("Sale price"), least=1000, most=10**10)
    made_to_order = RadioField(_l("How it is sold"), choices=(("no", ""), ("yes", "")), default="no", coerce=_code)
    lead_time_days = NumberField(_l("Working days to make it"), most=365)
    sizes = FieldList(FormField(SizeForm), max_entries=MOST_SIZES)
    texts = FieldList(FormField(PhotoTextForm), max_entries=10)

    def __init__(self, *args: Any, kinds: Sequence[Kind] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.kinds = {kind.id: kind for kind in kinds}
        named = [(str(kind.id), kind.name) for kind in kinds]
        self.category_id.choices = [CHOOSE, (OTHER, ""), *named]
        self.other_kind.choices = [CHOOSE, *named]
        self.material.choices = [CHOOSE, *attributes.choices(attributes.MATERIALS)]
        self.fineness.choices = [CHOOSE, *_finenesses()]
        self.plating.choices = [("", _l("none")), *attributes.choices(attributes.PLATINGS)]
        self.techniques.choices = attributes.choices(attributes.TECHNIQUES)
        self.finish.choices = [CHOOSE, *attributes.choices(attributes.FINISHES)]

    @property
    def has_own_prices(self) -> bool:
        """Whether the fold with the sizes' own prices and weights holds something to see."""
        own = [field for entry in self.sizes for field in (entry.form.price, entry.form.weight, entry.form.labour)]
        return any(field.data or field.errors for field in own) or any(entry.form.gone.data for entry in self.sizes)

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
    def kind_id(self) -> int | None:
        """The chip, or what the list of all kinds says when none of them fits."""
        return whole_number(self.category_id.data) or whole_number(self.other_kind.data)

    @property
    def kind(self) -> Kind | None:
        """The category that is chosen in the form, saved or not."""
        return self.kinds.get(self.kind_id or 0)

    def chips(self, own: Sequence[int]) -> list[Kind]:
        """The kinds to choose with one touch: those of the workshop's last pieces, the usual ones, the chosen one."""
        usual = {kind.slug: kind for kind in self.kinds.values() if kind.slug in USUAL_KINDS}
        wanted = [self.kinds[ident] for ident in own if ident in self.kinds]
        wanted += [usual[slug] for slug in USUAL_KINDS if slug in usual]
        shown = list(dict.fromkeys(kind.id for kind in wanted))[:CHIPS]
        if self.kind and self.kind.id not in shown:
            shown.append(self.kind.id)
        return [self.kinds[ident] for ident in shown]

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
        return Draft(
            title_en=one_line(self.title_en.data),
            title_id=one_line(self.title_id.data),
            description_en=clean(self.description_en.data),
            description_id=clean(self.description_id.data),
            category_id=self.kind_id,
            material=self.material.data or "",
            fineness=whole_number(self.fineness.data),
            plating=self.plating.data or "",
            weight_grams=_tenths(self.weight_grams),
            techniques=tuple(self.techniques.data or ()),
            finish=self.finish.data or "",
            stones_en=one_line(self.stones_en.data),
            stones_id=one_line(self.stones_id.data),
            dimensions_en=one_line(self.dimensions_en.data),
            dimensions_id=one_line(self.dimensions_id.data),
            sold_as=self.sold_as.data or "piece",
            set_count=self._set_count(),
            engraving_limit=_whole(self.engraving_limit),
            photo_texts=self._photo_texts(),
        )

    def _set_count(self) -> int:
        """A set whose number is not yet said counts one, which the checklist tells."""
        return {"pair": 2, "set": _whole(self.set_count) or 1}.get(self.sold_as.data or "", 1)

    def _photo_texts(self) -> dict[int, tuple[str, str]]:
        texts = {}
        for entry in self.texts:
            ident = whole_number(entry.form.photo_id.data)
            if ident is not None:
                texts[ident] = (one_line(entry.form.alt_en.data), one_line(entry.form.alt_id.data))
        return texts

    def offer(self) -> Offer:
        rows = [form.row(self.size_kind) for form in self._kept()] or [Size()]
        return Offer(
            price=int(self.price.number) if self.price.number else None,
            sizes=rows,
            made_to_order=self.made_to_order.data == "yes",
            lead_time_days=_whole(self.lead_time_days),
            engraving_price_idr=_whole(self.engraving_price),
        )

    def _kept(self) -> list[SizeForm]:
        return [entry.form for entry in self.sizes if not entry.form.gone.data and not entry.form.is_blank]

    def kept_sizes(self) -> list[str]:
        """The rows of the form that stand for sizes, by their ids ('sizes-0'), in their order."""
        return [form.stock.id.removesuffix("-stock") for form in self._kept()]

    def seen(self) -> int | None:
        return whole_number(self.saw.data)

    def saving(self) -> Save:
        return Save((self.page.data or "")[:40], min(whole_number(self.step.data) or 0, 2**31 - 1))


def _finenesses() -> list[tuple[str, str]]:
    values = sorted({value for values in attributes.FINENESSES.values() for value in values})
    return [(str(value), str(value)) for value in values]
