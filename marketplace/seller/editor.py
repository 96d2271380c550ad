"""What every button of the editor does first: keep all that was typed, and the photos that came with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import abort, render_template, request

from marketplace.catalog import pricing
from marketplace.catalog.models import VersionStatus
from marketplace.catalog.phrases import Phrase, known_words
from marketplace.catalog.queries import own
from marketplace.catalog.queries.kinds import kinds, own_kinds
from marketplace.catalog.services import drafts, photos
from marketplace.catalog.services.errors import (
    EditedElsewhere,
    Incomplete,
    PriceMissing,
    Problem,
    SizeTwice,
    StockMoved,
    TooMany,
    TooManyPhotos,
)
from marketplace.catalog.typed_sizes import HINTS, suggestions
from marketplace.core import clock
from marketplace.core.errors import DomainError
from marketplace.core.forms import one_line
from marketplace.core.i18n import language
from marketplace.core.money import Money
from marketplace.media import services as media
from marketplace.moderation.reasons import listing_reason
from marketplace.orders import commission

from . import costing, words
from .faces import PageTooOld, has_token, user_id, workshop_id
from .forms.listing import ListingForm
from .forms.listing_filled import add_photo_rows, catch_up
from .forms.problems import Problems, name_at_fields

MAX_UPLOAD = 160 * 1024 * 1024  # several photos of a phone at once; each of them is bounded by media
FIELD_OF: dict[type[DomainError], str] = {
    StockMoved: "sizes-0-stock",
    TooMany: "sizes-0-stock",
    PriceMissing: "price",
    SizeTwice: "sizes-0-size",
}


@dataclass(slots=True)
class Kept:
    """What came of keeping the form; `problems` are (field id, sentence) of what could not be kept."""

    form: ListingForm
    problems: Problems = field(default_factory=list)
    is_stale: bool = False  # the page was too old to be believed: nothing at all was done

    def refused(self, error: DomainError) -> None:
        """Something that was to follow the saving did not work."""
        if isinstance(error, Incomplete):
            self.problems += [(field_of(problem.field), str(problem.sentence)) for problem in error.problems]
        else:
            self.problems.append((FIELD_OF.get(type(error), ""), error.sentence))


def field_of(name: str) -> str:
    """The field that stands open in the form: what may be in either language is asked in the reader's."""
    return f"{name}_{language()}" if name in ("title", "description", "stones", "dimensions") else name


def own_piece(listing_id: int) -> own.OwnPiece:
    """The workshop's own piece, or 404."""
    piece = own.piece(listing_id, workshop_id())
    if piece is None:
        abort(404)
    return piece


def allow_photos() -> None:
    """To be called before anything reads the form of this request."""
    request.max_content_length = MAX_UPLOAD


def keep(listing_id: int) -> Kept:
    """Save what was typed and receive the photos, each as far as it can be. Raises 404 for another workshop's."""
    before = own_piece(listing_id)
    kept = Kept(ListingForm(kinds=kinds()))
    if not has_token():
        kept.is_stale, kept.problems = True, [("", PageTooOld().sentence)]
        return kept
    is_current = kept.form.seen() == before.edits
    costing.take_over(kept.form)
    conflict = _save(listing_id, kept)
    kept.problems += costing.keep(listing_id, workshop_id())
    _receive(listing_id, len(before.photos), kept)
    if kept.problems:
        after = own_piece(listing_id)
        if is_current or conflict:
            kept.form.saw.data = str(after.edits)
        if conflict:
            catch_up(kept.form, after)
        add_photo_rows(kept.form, after)
    return kept


def _save(listing_id: int, kept: Kept) -> bool:
    """Tells whether somebody else's change was in the way."""
    form = kept.form
    if not form.validate():
        kept.problems += form.problems()
        return False
    try:
        offer, by = form.offer(), user_id()
        page = form.saving()
        if not drafts.save(listing_id, workshop_id(), form.draft(), offer, saw=form.seen(), page=page, by=by):
            raise EditedElsewhere()  # this very page has saved something newer meanwhile
    except DomainError as error:
        kept.refused(error)
        return isinstance(error, EditedElsewhere | StockMoved)
    return False


def _receive(listing_id: int, present: int, kept: Kept) -> None:
    """Each file by itself: one that is refused is named, and harms no other."""
    for upload in request.files.getlist("photos"):
        if not upload.filename:
            continue
        try:
            if present >= photos.MOST:
                raise TooManyPhotos()
            photo_id = media.receive(upload.read(media.READ_AT_MOST), workshop_id=workshop_id())
            photos.add(listing_id, workshop_id(), photo_id)
            present += 1
        except DomainError as error:
            kept.problems.append(("photos", f"{one_line(upload.filename)[:60]}: {error.sentence}"))


def page(
    piece: own.OwnPiece, form: ListingForm, problems: Problems | None = None, status: int = 200
) -> tuple[str, int]:
    inner = [field for entry in form.sizes for field in entry.form]
    name_at_fields([*form, *inner], problems or [])
    html = render_template("seller/listing.html", piece=piece, form=form, problems=problems, **_facts(piece, form))
    return html, status


def redraw(listing_id: int, kept: Kept) -> tuple[str, int]:
    """422, with everything that was typed and what is to be mended."""
    return page(own_piece(listing_id), kept.form, kept.problems, 422)


def new_page(form: ListingForm, problems: Problems | None = None, status: int = 200) -> tuple[str, int]:
    html = render_template("seller/listing.html", piece=None, form=form, problems=problems, **_facts(None, form))
    return html, status


def _facts(piece: own.OwnPiece | None, form: ListingForm) -> dict[str, Any]:
    price = piece.price if piece else None
    basis_points = _basis_points(form.kind.id if form.kind else None)
    required = set(form.kind.required) if form.kind else {"material", "weight", "technique"}
    return {
        "basis_points": basis_points,
        "costing": costing.panel(piece, basis_points),
        "receives": receives(piece) if piece else None,
        "dollars": _dollars(price),
        "demands": required,
        "missing": _missing(piece),
        "phrases": _phrases(form),
        "chips": form.chips(own_kinds(workshop_id())),
        "size_hint": HINTS.get(form.size_kind, HINTS[""]),
        "size_list": suggestions(form.size_kind),
        "decision": _decision(piece) if piece else "",
        "words": words,
        "field_of": field_of,
    }


def _phrases(form: ListingForm) -> list[Phrase]:
    """What the phrase book knows of the words in the language of the page, for the other one."""
    mine, other = ("en", "id") if language() == "en" else ("id", "en")
    texts = [form[f"{name}_{mine}"].data or "" for name in ("title", "stones", "description")]
    return known_words(" ".join(texts)[:2000], other)


def _missing(piece: own.OwnPiece | None) -> Sequence[Problem] | None:
    """What the checklist says; None where there is nothing to show anew."""
    if piece is None:
        return own.missing_of_nothing()
    return piece.missing if piece.has_edit and piece.status is not VersionStatus.IN_REVIEW else None


def _basis_points(category_id: int | None) -> int:
    return commission.rates(clock.today()).basis_points(workshop_id(), category_id)


def receives(piece: own.OwnPiece) -> Money | None:
    """What the workshop gets for one of the first size, after the service fee."""
    if not piece.price:
        return None
    price = Money(piece.price, "IDR")
    return price - price.share(_basis_points(piece.words.category_id))


def _decision(piece: own.OwnPiece) -> str:
    """What the collective said when it sent a version back: the listed reason, what to do, and its own words."""
    reason = listing_reason(piece.decision_code)
    parts = [str(reason.title) + ".", str(reason.advice)] if reason else []
    return " ".join([*parts, piece.decision_reason]).strip()


def _dollars(price: int | None) -> Money | None:
    if not price:
        return None
    try:
        return pricing.present(price, "USD", pricing.rates())
    except pricing.NoRate:
        return None
