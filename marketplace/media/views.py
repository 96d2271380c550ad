"""/media/…: our own renditions, named by content; nothing that was uploaded is ever served as it came."""

from __future__ import annotations

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from marketplace.core.assets import YEAR
from marketplace.core.audience import Audience, audience
from marketplace.core.storage import BadKey

from .store import storage

bp = Blueprint("media", __name__)
TYPES = {"webp": "image/webp", "avif": "image/avif", "jpeg": "image/jpeg"}


@bp.get("/media/<path:key>")
@audience(Audience.PUBLIC)
def file(key: str) -> Response:
    kind = TYPES.get(key.rpartition(".")[2])
    try:
        data = storage().read(key) if kind else None
    except BadKey:
        data = None
    if data is None:
        abort(404)
    response = Response(data, mimetype=kind)
    response.set_etag(key.rpartition("/")[2])
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response.make_conditional(request)
