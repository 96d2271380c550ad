"""A page that saves itself: the same fields as the button's, answered in JSON (what the phone does with it: pocket/).

What can be kept is kept, field by field; what cannot is named and stays as it was. Price and stock of a piece on sale
wait for the button: half a number typed would be a price that somebody buys at. A version that the collective is
looking at waits for it too, because an edit takes it back from review.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import jsonify, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.catalog.models import VersionStatus
from marketplace.catalog.queries.kinds import kinds
from marketplace.catalog.queries.own import OwnPiece
from marketplace.catalog.services import drafts
from marketplace.catalog.services.drafts import Draft
from marketplace.catalog.services.errors import EditedElsewhere, PriceMissing, SizeTwice, StockMoved, TooMany
from marketplace.catalog.services.variants import Offer
from marketplace.core import clock
from marketplace.core.forms import form_token
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import hour, money

from . import costing, editor
from .faces import PageTooOld, has_token, user_id, workshop_id
from .forms.listing import ListingForm
from .forms.problems import Problems

Answer = tuple[Response, int]
OFFER = ("price", "made_to_order", "lead_time_days", "engraving_price")
REFUSALS = (PriceMissing, SizeTwice, StockMoved, TooMany)


def is_asked() -> bool:
    return request.accept_mimetypes.best == "application/json"


def too_old() -> Answer:
    """The page may go on with the token that comes along: only our own origin can read it."""
    return jsonify(sentence=PageTooOld().sentence, token=form_token()), 403


def save(listing_id: int, *, begun: bool = False) -> Answer:
    """Raises 404 for another workshop's."""
    before = editor.own_piece(listing_id)
    if not has_token():
        return too_old()
    form = ListingForm(kinds=kinds())
    problems: Problems = [] if form.validate() else form.problems()
    if before.status is VersionStatus.IN_REVIEW:
        waits = _("The collective is looking at this version. Press Save if you want to change it.")
        return _answer(listing_id, problems, note=waits)
    try:
        kept = _keep(before, form, problems)
    except EditedElsewhere as error:
        return jsonify(sentence=error.sentence, saw=str(editor.own_piece(listing_id).edits)), 409
    waits = _("Price and stock change when you press Save.") if _waits(before, form, problems) else ""
    if kept.offer:
        problems += costing.keep(listing_id, workshop_id())
    sizes = form.kept_sizes() if kept.offer else []
    answer, status = _answer(listing_id, problems, note=waits, is_old=not kept.words, sizes=sizes)
    return answer, 201 if status == 200 and begun and not before.edits else status


@dataclass(frozen=True, slots=True)
class _Kept:
    words: bool  # False when this page has saved something newer already
    offer: bool


def _keep(before: OwnPiece, form: ListingForm, problems: Problems) -> _Kept:
    """What stands in the way of price and stock is added to `problems`; the words are kept all the same."""
    draft, offer = _draft(before, form, problems), _offer(before, form, problems)
    try:
        is_kept = _write(before, form, draft, offer)
        return _Kept(words=is_kept, offer=is_kept and offer is not None)
    except REFUSALS as error:
        problems.append((editor.FIELD_OF[type(error)], error.sentence))
        return _Kept(words=_write(before, form, draft, None), offer=False)


def _write(before: OwnPiece, form: ListingForm, draft: Draft, offer: Offer | None) -> bool:
    page = form.saving()
    return drafts.save(before.id, workshop_id(), draft, offer, saw=form.seen(), page=page, by=user_id())


def _draft(before: OwnPiece, form: ListingForm, problems: Problems) -> Draft:
    """What was typed; where that cannot be kept, what was there."""
    bad = {field.partition("-")[0] for field, _sentence in problems}
    kept: dict[str, Any] = {name: value for name, value in before.words.values().items() if name in bad}
    if "techniques" in kept:
        kept["techniques"] = before.words.techniques
    if "other_kind" in bad:
        kept["category_id"] = before.words.category_id
    if "texts" in bad:
        kept["photo_texts"] = before.words.photo_texts
    return replace(form.draft(), **kept)


def _offer(before: OwnPiece, form: ListingForm, problems: Problems) -> Offer | None:
    is_typed_well = not any(field in OFFER or field.startswith("sizes-") for field, _sentence in problems)
    return form.offer() if is_typed_well and not before.is_published else None


def _waits(before: OwnPiece, form: ListingForm, problems: Problems) -> bool:
    """Whether the price or stock of a piece on sale was typed anew."""
    if not before.is_published or any(field in OFFER or field.startswith("sizes-") for field, _sentence in problems):
        return False
    offer = form.offer()
    rows = [(size.size, size.stock, size.price or offer.price, size.weight_grams) for size in offer.sizes]
    shown = [(size.size, size.stock, size.price, size.weight_grams) for size in before.sizes]
    mine = (offer.made_to_order, offer.lead_time_days, offer.engraving_price_idr)
    return rows != shown or mine != (before.made_to_order, before.lead_time_days, before.engraving_price_idr)


def _answer(
    listing_id: int, problems: Problems, *, note: str = "", is_old: bool = False, sizes: Sequence[str] = ()
) -> Answer:
    """`sizes` are the form's rows that became the piece's, in its order."""
    piece = editor.own_piece(listing_id)
    receives = editor.receives(piece)
    facts = {
        "id": piece.id,
        "address": url_for("seller_listings.edit", listing_id=piece.id),
        "saw": str(piece.edits),
        "saved_at": hour(clock.now()),
        "old": is_old,
        "note": note,
        "problems": [{"field": field, "sentence": sentence} for field, sentence in problems],
        "missing": [
            {"field": editor.field_of(problem.field), "sentence": str(problem.sentence)} for problem in piece.missing
        ],
        "checklist": render_template("seller/_checklist.html", missing=piece.missing, field_of=editor.field_of).strip(),
        "receives": money(receives) if receives else "–",
        "hidden": _numbers(sizes, piece),
    }
    return jsonify(facts), 422 if problems else 200


def _numbers(sizes: Sequence[str], piece: OwnPiece) -> dict[str, str]:
    """For the hidden fields of the form's sizes: which variant each one is now, and the stock that it stands for."""
    hidden: dict[str, str] = {}
    for field, size in zip(sizes, piece.sizes, strict=False):
        if size.variant_id:
            hidden |= {f"{field}-variant_id": str(size.variant_id), f"{field}-saw": str(size.stock)}
    return hidden
