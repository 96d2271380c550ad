"""A workshop's pieces: the list, the editor, and what becomes of a piece."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.catalog.attributes import FINISHES, TECHNIQUES, fineness_text, name_of, names_of, unit_text
from marketplace.catalog.models import VersionStatus
from marketplace.catalog.queries import own
from marketplace.catalog.queries.kinds import kinds
from marketplace.catalog.queries.own import Show
from marketplace.catalog.services import drafts, state, submission
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.forms import one_line
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import pick
from marketplace.workshops.roles import Act

from . import autosave, editor, words
from .faces import PageTooOld, check_token, has_token, user_id, work_blueprint, workshop_id
from .forms.listing import ListingForm, is_key
from .forms.listing_filled import filled_form

bp = work_blueprint("seller_listings", __name__, "/seller/listings")
Page = Response | tuple[str, int] | tuple[Response, int]
ROWS = 3  # empty rows for further sizes


@bp.get("/")
@audience(Audience.SELLER, may=Act.PIECES)
def index() -> str:
    shown = request.args.get("show", "")
    show = Show(shown) if shown in set(Show) else Show.LIVE
    search = one_line(request.args.get("q"))[:80]
    return render_template(
        "seller/listings.html",
        show=show,
        search=search,
        page=own.rows(workshop_id(), show, search, request.args.get("after")),
        counts=own.counts(workshop_id()),
        words=words,
    )


@bp.get("/new")
@audience(Audience.SELLER, may=Act.PIECES)
def new() -> Page:
    form = ListingForm(formdata=None, kinds=kinds(), data={"material": "silver", "fineness": "925", "sizes": [{}]})
    return editor.new_page(form)


@bp.post("/new")
@audience(Audience.SELLER, may=Act.PIECES)
def create() -> Page:
    """The first button that is pressed on an empty page begins the draft; what was typed is kept from then on.

    So does the first save that the page makes by itself; `draft_key` is the phone's own, so that both begin one draft.
    """
    editor.allow_photos()
    if not has_token():
        return autosave.too_old() if autosave.is_asked() else _new_again()
    key = request.form.get("draft_key", "")
    listing_id = drafts.start(workshop_id(), key if is_key(key) else "")
    if autosave.is_asked():
        return autosave.save(listing_id, begun=True)
    return _publish(listing_id) if request.form.get("do") == "publish" else _keep(listing_id)


def _new_again() -> Page:
    return editor.new_page(ListingForm(kinds=kinds()), [("", PageTooOld().sentence)], 422)


@bp.get("/<int:listing_id>")
@audience(Audience.SELLER, may=Act.PIECES)
def edit(listing_id: int) -> Page:
    piece = editor.own_piece(listing_id)
    more = ROWS if request.args.get("more") or not piece.sizes else 0
    return editor.page(piece, filled_form(piece, kinds(), more_rows=more))


@bp.post("/<int:listing_id>")
@audience(Audience.SELLER, may=Act.PIECES)
def save(listing_id: int) -> Page:
    editor.allow_photos()
    return autosave.save(listing_id) if autosave.is_asked() else _keep(listing_id)


@bp.post("/<int:listing_id>/submission")
@audience(Audience.SELLER, may=Act.PIECES)
def submit(listing_id: int) -> Page:
    editor.allow_photos()
    return _publish(listing_id)


@bp.get("/<int:listing_id>/preview")
@audience(Audience.SELLER, may=Act.PIECES)
def preview(listing_id: int) -> str:
    piece = editor.own_piece(listing_id)
    draft = piece.words
    facts = [
        (_("Metal"), fineness_text(draft.material, draft.fineness, draft.plating) if draft.material else ""),
        (_("Sold as"), unit_text(draft.sold_as, draft.set_count)),
        (_("Technique"), ", ".join(names_of(TECHNIQUES, draft.techniques))),
        (_("Finish"), name_of(FINISHES, draft.finish) if draft.finish else ""),
        (_("Stones"), pick(draft.stones_en, draft.stones_id)),
        (_("Dimensions"), pick(draft.dimensions_en, draft.dimensions_id)),
    ]
    return render_template("seller/preview.html", piece=piece, words=words, facts=[row for row in facts if row[1]])


@bp.post("/<int:listing_id>/withdrawal")
@audience(Audience.SELLER, may=Act.PIECES)
def withdraw(listing_id: int) -> Page:
    return _act(listing_id, submission.withdraw, _("Taken back from review. You can go on writing."))


@bp.post("/<int:listing_id>/pause")
@audience(Audience.SELLER, may=Act.PIECES)
def pause(listing_id: int) -> Page:
    return _act(listing_id, state.pause, _("The piece is hidden. Show it again whenever you like."))


@bp.post("/<int:listing_id>/resume")
@audience(Audience.SELLER, may=Act.PIECES)
def resume(listing_id: int) -> Page:
    return _act(listing_id, state.resume, _("The piece is on sale again."))


@bp.post("/<int:listing_id>/archive")
@audience(Audience.SELLER, may=Act.PIECES)
def archive(listing_id: int) -> Page:
    return _act(listing_id, state.archive, _("The piece is in the archive. Nothing was deleted."))


@bp.post("/<int:listing_id>/return")
@audience(Audience.SELLER, may=Act.PIECES)
def bring_back(listing_id: int) -> Page:
    return _act(listing_id, state.bring_back, _("The piece is back, still hidden."))


@bp.post("/<int:listing_id>/copy")
@audience(Audience.SELLER, may=Act.PIECES)
def copy(listing_id: int) -> Page:
    editor.allow_photos()
    kept = _kept(listing_id)
    if kept is not None and kept.problems:
        return editor.redraw(listing_id, kept)
    try:
        check_token()
        copied = state.copy(listing_id, workshop_id(), user_id())
    except DomainError as error:
        flash(error.sentence, "error")
        return redirect(url_for(".edit", listing_id=listing_id), 303)
    flash(_("This is the copy, without stock. Change what is different."), "success")
    return redirect(url_for(".edit", listing_id=copied), 303)


def _keep(listing_id: int) -> Page:
    kept = editor.keep(listing_id)
    if kept.problems:
        return editor.redraw(listing_id, kept)
    if request.form.get("more"):
        return redirect(url_for(".edit", listing_id=listing_id, more=1, _anchor="stock"), 303)
    if any(upload.filename for upload in request.files.getlist("photos")):
        return redirect(url_for(".edit", listing_id=listing_id, _anchor="photos"), 303)
    flash(_("Saved."), "success")
    return redirect(url_for(".edit", listing_id=listing_id), 303)


def _publish(listing_id: int) -> Page:
    kept = editor.keep(listing_id)
    if kept.problems:
        return editor.redraw(listing_id, kept)
    try:
        status = submission.submit(listing_id, workshop_id(), user_id())
    except DomainError as error:
        kept.refused(error)
        kept.form.saw.data = str(editor.own_piece(listing_id).edits)
        return editor.page(
            editor.own_piece(listing_id),
            filled_form(editor.own_piece(listing_id), kinds(), ROWS),
            kept.problems,
            422,
        )
    if status is VersionStatus.IN_REVIEW:
        flash(_("Sent to the collective. Somebody looks at it within 2 working days; you get a mail."), "success")
    else:
        flash(_("On sale."), "success")
    return redirect(url_for(".edit", listing_id=listing_id), 303)


def _kept(listing_id: int) -> editor.Kept | None:
    """The buttons of the editor send its form along; those of the list do not."""
    if "saw" not in request.form:
        editor.own_piece(listing_id)
        return None
    return editor.keep(listing_id)


def _act(listing_id: int, act: Callable[[int, int, int], None], said: str) -> Page:
    editor.allow_photos()
    kept = _kept(listing_id)
    if kept is not None and kept.problems:
        return editor.redraw(listing_id, kept)
    try:
        check_token()
        act(listing_id, workshop_id(), user_id())
    except DomainError as error:
        flash(error.sentence, "error")
    else:
        flash(said, "success")
    return redirect(url_for(".edit", listing_id=listing_id), 303)
