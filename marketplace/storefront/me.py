"""What a public page cannot know of its visitor, in one small private answer (architecture.md 6)."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.cart.queries import count_of
from marketplace.cart.visitor import visitor
from marketplace.core.audience import Audience, audience

bp = Blueprint("me", __name__)


@bp.get("/me.json")
@audience(Audience.VISITOR)
def show() -> Response:
    """`cart`: pieces in the bag; `name`: of the person who is signed in, or null."""
    signed_in = bool(current_user.is_authenticated)
    name = (current_user.full_name or current_user.email) if signed_in else None
    return jsonify(signed_in=signed_in, name=name, cart=count_of(visitor()))
