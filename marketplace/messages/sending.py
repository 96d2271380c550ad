"""From a form to a message: what the pages of both sides do with what was sent, and how a photo is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import after_this_request, request
from werkzeug.wrappers import Response

from marketplace.core.errors import DomainError
from marketplace.core.forms import one_line
from marketplace.core.web import client_address
from marketplace.media import services as media

from . import limits, services
from .access import Hand
from .errors import TooManyMessages, TooManyPhotos
from .forms import MessageForm
from .services import Words

LARGE, SMALL = 1600, 640
SENT = 0


@dataclass(frozen=True, slots=True)
class Door:
    """The addresses of one talk, of whichever side. `look` and `report` are '' while nobody has written."""

    here: str
    photo: Callable[[int, str], str]
    look: str = ""
    report: str = ""


def before() -> int | None:
    """Messages older than this one were asked for."""
    text = request.args.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def width() -> int:
    return LARGE if request.args.get("size") == "large" else SMALL


def send(form: MessageForm, hand: Hand, deliver: Callable[[Words, str], object]) -> int:
    """SENT, or the status of the page that says at its fields what is wrong: 422, 429. `deliver` gets the words and
    the visitor's address."""
    if not form.validate():
        return 422
    photo_ids = _receive(form, hand)
    if form.photos.errors:
        return 422
    try:
        deliver(Words(form.text.data or "", str(form.key.data), photo_ids), client_address())
    except DomainError as error:
        form.text.errors = [*form.text.errors, error.sentence]
        return _too_many(error) if isinstance(error, TooManyMessages) else 422
    return SENT


def _too_many(error: TooManyMessages) -> int:
    """The answer says when to come back, whatever page it is."""

    @after_this_request
    def say_when(response: Response) -> Response:
        response.headers["Retry-After"] = str(error.seconds)
        return response

    return 429


def _receive(form: MessageForm, hand: Hand) -> tuple[int, ...]:
    """Each by itself: one that is refused is named. What is here already is known again when the form comes back."""
    uploads = form.uploads()
    if len(uploads) > limits.PHOTOS:
        form.photos.errors = [TooManyPhotos(most=limits.PHOTOS).sentence]
        return ()
    kept = []
    for upload in uploads:
        try:
            data = upload.read(media.READ_AT_MOST)
            kept.append(services.receive_photo(hand, data, address=client_address()))
        except DomainError as error:
            name = one_line(upload.filename)[:60]
            form.photos.errors = [*form.photos.errors, f"{name}: {error.sentence}"]
    return tuple(kept)


def photo_answer(data: bytes, kind: str) -> Response:
    """Kept by this browser alone, and not for long: it may be a shared one."""
    response = Response(data, mimetype=f"image/{kind}")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
