"""Photos in pieces, for a phone whose signal comes and goes: all answers are JSON (see media/services/uploads.py).

The token comes in a header, because a piece is bare bytes. A page that was open for too long is told the new one: only
our own origin can read it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import jsonify, render_template, request
from werkzeug.wrappers import Response

from marketplace.catalog.queries import own
from marketplace.catalog.services import arrivals
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.forms import form_token, is_token
from marketplace.core.i18n import gettext as _
from marketplace.media.lab import LabBusy, PhotoTooLarge
from marketplace.media.services import uploads
from marketplace.media.services.uploads import Arriving, PieceTooLarge, WrongPlace
from marketplace.workshops.roles import Act

from .faces import PageTooOld, user_id, work_blueprint, workshop_id
from .forms.listing import is_key, whole_number

bp = work_blueprint("seller_uploads", __name__, "/seller/uploads")
Answer = tuple[Response, int]
View = TypeVar("View", bound=Callable[..., Any])
TOKEN_HEADER = "X-CSRF-Token"
STATUS: dict[type[DomainError], int] = {PageTooOld: 403, PhotoTooLarge: 413, PieceTooLarge: 413, LabBusy: 503}


def _in_json(view: View) -> View:
    """What goes wrong is said in JSON too: {"sentence"}, for a wrong place with its offset."""

    @wraps(view)
    def answering(*args: Any, **values: Any) -> Any:
        try:
            return view(*args, **values)
        except NotFound:
            return jsonify(sentence=_("There is no such photo on its way.")), 404
        except WrongPlace as error:
            return jsonify(offset=error.offset, done=False, sentence=error.sentence), 409
        except DomainError as error:
            token = {"token": form_token()} if isinstance(error, PageTooOld) else {}
            return jsonify(sentence=error.sentence, **token), STATUS.get(type(error), 422)

    return answering  # type: ignore[return-value]


@bp.post("")
@audience(Audience.SELLER, may=Act.PIECES)
@_in_json
def begin() -> Answer:
    """`key` of the phone's own making, `listing_id`, `size` in bytes."""
    _check_token()
    key, size = request.form.get("key", ""), whole_number(request.form.get("size"))
    listing_id = whole_number(request.form.get("listing_id"))
    if not is_key(key) or listing_id is None:
        raise NotFound("Upload", 0)
    return _answer(arrivals.begin(listing_id, workshop_id(), user_id(), key, size or 0), begun=True)


@bp.get("/<upload_key>")
@audience(Audience.SELLER, may=Act.PIECES)
@_in_json
def show(upload_key: str) -> Answer:
    return _answer(uploads.find(workshop_id(), upload_key))


@bp.post("/<upload_key>/bytes")
@audience(Audience.SELLER, may=Act.PIECES)
@_in_json
def put(upload_key: str) -> Answer:
    """The body is the next piece, which begins at `?offset=`; the answer says where to go on.

    No bytes at the end of a whole photo ask for what a lost connection or a busy shop left undone.
    """
    _check_token()
    if (request.content_length or 0) > uploads.MOST_IN_PIECE:
        raise PieceTooLarge()
    data, offset = request.get_data(cache=False), whole_number(request.args.get("offset"))
    if data or not uploads.find(workshop_id(), upload_key).is_whole:
        uploads.put(workshop_id(), upload_key, -1 if offset is None else offset, data)
    return _answer(arrivals.settle(workshop_id(), upload_key))


def _check_token() -> None:
    if not is_token(request.headers.get(TOKEN_HEADER) or request.form.get("csrf_token")):
        raise PageTooOld


def _answer(upload: Arriving, *, begun: bool = False) -> Answer:
    if upload.refusal:
        return jsonify(key=upload.key, refused=True, done=False, sentence=upload.refusal), 422
    photo = _photo(upload) if upload.is_delivered else None
    facts = {"key": upload.key, "offset": upload.offset, "done": upload.is_delivered, "photo": photo}
    return jsonify(facts), 201 if begun and not upload.offset else 200


def _photo(upload: Arriving) -> dict[str, Any] | None:
    """The photo as the editor shows it; None when its maker has taken it away since."""
    piece = own.piece(arrivals.listing_of(upload), workshop_id())
    for number, photo in enumerate(piece.photos if piece else (), 1):
        if photo.photo_id == upload.photo_id:
            html = render_template("seller/_shot.html", piece=piece, photo=photo, number=number)
            return {"id": photo.photo_id, "src": photo.view.src if photo.view else "", "html": html.strip()}
    return None
