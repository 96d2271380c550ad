"""/healthz: the process answers. /readyz: its database and its queue do."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, current_app, jsonify
from werkzeug.wrappers import Response

from .audience import Audience, audience
from .db import db

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@audience(Audience.MACHINE)
def healthz() -> Response:
    return jsonify(status="ok")


@bp.get("/readyz")
@audience(Audience.MACHINE)
def readyz() -> Response:
    answers = {"database": _answers(_ask_database), "queue": _answers(_ask_queue)}
    response = jsonify(answers)
    response.status_code = 200 if all(answers.values()) else 503
    return response


def _ask_database() -> None:
    db.session.execute(sa.text("select version_num from alembic_version"))


def _ask_queue() -> None:
    current_app.extensions["huey"].pending_count()


def _answers(ask: object) -> bool:
    try:
        ask()  # type: ignore[operator]
    except Exception:
        current_app.logger.exception("not ready")
        return False
    return True
