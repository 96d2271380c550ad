"""The photos of a piece. Each button sends the whole editor along, so that nothing typed is lost."""

from __future__ import annotations

import io

from flask import redirect, request, send_file, url_for
from werkzeug.wrappers import Response

from marketplace.catalog.services import photos
from marketplace.core.audience import Audience, audience
from marketplace.media import queries as media
from marketplace.workshops.roles import Act

from . import editor
from .faces import work_blueprint, workshop_id

bp = work_blueprint("seller_photos", __name__, "/seller")
Page = Response | tuple[str, int]


@bp.post("/listings/<int:listing_id>/photos")
@audience(Audience.SELLER, may=Act.PIECES)
def add(listing_id: int) -> Page:
    editor.allow_photos()
    return _answer(listing_id, editor.keep(listing_id))


@bp.post("/listings/<int:listing_id>/photos/<int:photo_id>/move")
@audience(Audience.SELLER, may=Act.PIECES)
def move(listing_id: int, photo_id: int) -> Page:
    """`step` is 1 for one place further back, -1 for one place forward."""
    editor.allow_photos()
    kept = editor.keep(listing_id)
    if kept.is_stale:
        return editor.redraw(listing_id, kept)
    photos.move(listing_id, workshop_id(), photo_id, -1 if request.form.get("step") == "-1" else 1)
    return _answer(listing_id, kept)


@bp.post("/listings/<int:listing_id>/photos/<int:photo_id>/removal")
@audience(Audience.SELLER, may=Act.PIECES)
def remove(listing_id: int, photo_id: int) -> Page:
    editor.allow_photos()
    kept = editor.keep(listing_id)
    if kept.is_stale:
        return editor.redraw(listing_id, kept)
    photos.remove(listing_id, workshop_id(), photo_id)
    return _answer(listing_id, kept)


@bp.get("/photos/<int:photo_id>/original")
@audience(Audience.SELLER, may=Act.PIECES)
def original(photo_id: int) -> Response:
    """As it was uploaded, for its own workshop only; always a download, never shown as a page."""
    data = media.original(photo_id, workshop_id())
    answer = send_file(
        io.BytesIO(data), mimetype="application/octet-stream", as_attachment=True, download_name=f"{photo_id}.jpg"
    )
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _answer(listing_id: int, kept: editor.Kept) -> Page:
    if kept.is_stale:
        return editor.redraw(listing_id, kept)
    if kept.problems:
        kept.form.saw.data = str(editor.own_piece(listing_id).edits)
        return editor.redraw(listing_id, kept)
    return redirect(url_for("seller_listings.edit", listing_id=listing_id, _anchor="photos"), 303)
