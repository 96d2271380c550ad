"""Pieces: the review queue, all of them, and one with both its versions and the decision."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for

from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError, IllegalTransition
from marketplace.core.forms import Form, filled, one_line
from marketplace.core.i18n import gettext as _
from marketplace.moderation import services
from marketplace.moderation.queries import listings as queries
from marketplace.moderation.reasons import listing_reason

from . import words
from .blueprint import Answer, acted, back_office, me
from .comparing import sides
from .forms import ListingForm, TakedownForm, WhyForm

bp = back_office("admin_listings", "listings")


@bp.get("/")
@audience(Audience.ADMIN)
def index() -> Answer:
    text = one_line(request.args.get("q"))[:100]
    chosen = request.args.get("show", "")
    show = queries.Show(chosen) if chosen in set(queries.Show) else (queries.Show.ALL if text else queries.Show.REVIEW)
    workshop_id = request.args.get("workshop", type=int)
    page = queries.pieces(show, text, workshop_id, request.args.get("after"))
    return render_template(
        "admin/listings.html", page=page, show=show, shows=queries.Show, text=text, workshop_id=workshop_id, words=words
    )


@bp.get("/<int:listing_id>")
@audience(Audience.ADMIN)
def show(listing_id: int) -> Answer:
    return _page(listing_id)


@bp.post("/<int:listing_id>/approval")
@audience(Audience.ADMIN)
def approval(listing_id: int) -> Answer:
    form = _decision("yes")
    if not form.validate_on_submit():
        return _page(listing_id, form), 422
    return _decided(
        listing_id,
        lambda: services.approve_listing(filled(form.version_id.data), filled(form.revision.data), me()),
        _("Approved. The new version is on show."),
    )


@bp.post("/<int:listing_id>/rejection")
@audience(Audience.ADMIN)
def rejection(listing_id: int) -> Answer:
    form = _decision("ask")
    if not form.validate_on_submit():
        return _page(listing_id, form), 422
    seen = filled(form.version_id.data), filled(form.revision.data)
    return _decided(
        listing_id,
        lambda: services.reject_listing(*seen, me(), form.chosen_code(), form.words.data or ""),
        _("Sent back. The workshop reads what to change."),
    )


@bp.post("/<int:listing_id>/takedown")
@audience(Audience.ADMIN)
def takedown(listing_id: int) -> Answer:
    """From the decision about a version, or from the page of any other piece."""
    form = _decision("no") if "version_id" in request.form else TakedownForm()
    if not form.validate_on_submit():
        return _page(listing_id, form), 422
    code = form.chosen_code() if isinstance(form, ListingForm) else str(form.code.data)
    return acted(
        lambda: services.take_down(listing_id, me(), code, form.words.data or ""),
        _("Taken down. The workshop has been told why."),
        url_for(".show", listing_id=listing_id),
    )


@bp.post("/<int:listing_id>/restoration")
@audience(Audience.ADMIN)
def restoration(listing_id: int) -> Answer:
    form = WhyForm()
    if not form.validate_on_submit():
        return _page(listing_id, form), 422
    return acted(
        lambda: services.restore(listing_id, me(), form.why.data or ""),
        _("Restored. The piece stands as it stood before."),
        url_for(".show", listing_id=listing_id),
    )


def _decision(meant: str) -> ListingForm:
    """The form of a decision; the button pressed must be that of the decision chosen."""
    form = ListingForm()
    if form.decision.data is None:
        form.decision.data = meant
    elif form.decision.data != meant:
        form.decision.data = ""
    return form


def _decided(listing_id: int, act: object, said: str) -> Answer:
    assert callable(act)
    try:
        act()
    except DomainError as error:
        flash(error.sentence, "error")
        return redirect(url_for(".show", listing_id=listing_id), 303)
    flash(said, "success")
    return redirect(url_for(".index"), 303)


def _page(listing_id: int, form: Form | None = None) -> str:
    piece = queries.piece(listing_id)
    if piece is None:
        abort(404)
    approved, edited = sides(piece.approved, piece.edited)
    fresh = _form_of(piece)
    if form is not None and type(form) is not type(fresh):  # sent from a page that showed another state of the piece
        flash(str(IllegalTransition.message), "error")
        form = None
    return render_template(
        "admin/listing.html",
        piece=piece,
        approved=approved,
        edited=edited,
        form=form or fresh,
        state=words.state_of(piece),
        listing_reason=listing_reason,
        words=words,
    )


def _form_of(piece: queries.Piece) -> Form:
    if piece.taken_down_at is not None:
        return WhyForm()
    if piece.is_waiting and piece.edited is not None:
        return ListingForm(version_id=piece.edited.id, revision=piece.edited.revision)
    return TakedownForm()
