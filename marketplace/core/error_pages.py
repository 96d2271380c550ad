"""What went wrong, told to the person: one page per kind, in the page's language, never a stack trace."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, g, render_template, request
from flask_login import current_user
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from .audience import Audience
from .db import db
from .errors import DomainError, NotFound

log = logging.getLogger(__name__)
PAGES = (400, 403, 404, 413, 422, 429, 500, 503)


def _page(code: int, **facts: Any) -> tuple[str, int] | Response:
    if g.get("audience") is Audience.MACHINE or request.path.startswith("/webhooks/"):
        return Response(status=code)
    name = str(code if code in PAGES else (404 if code in (405, 410) else 400 if code < 500 else 500))
    if name == "404" and _at_work():
        name = "404_work"
    return render_template(f"errors/{name}.html", code=code, **facts), code


def _at_work() -> bool:
    """Somebody signed in missed a page of the workshop or the back office: told in their language, with a way back."""
    if g.get("audience") is Audience.PUBLIC or not request.path.startswith(("/seller/", "/admin/")):
        return False
    if not current_user.is_authenticated:
        return False
    g.locale = current_user.language
    return True


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error.get_response()
    if error.code >= 500:
        log.error("answered %s: %s", error.code, error)
    answer = _page(error.code)
    if isinstance(answer, tuple) and error.code == 405:
        return answer[0], 405, {"Allow": ", ".join(getattr(error, "valid_methods", None) or [])}
    return answer


def _not_found(_error: NotFound) -> Any:
    return _page(404)


def _domain(error: DomainError) -> Any:
    """A rule said no where no view had a better place to say so."""
    answer = _page(error.status, sentence=error.sentence)
    return (*answer, {"Retry-After": "600"}) if isinstance(answer, tuple) and error.status == 503 else answer


def _database_away(error: Exception) -> Any:
    log.error("database away: %s", str(error).split("\n")[0])
    _forget_session()
    answer = _page(503)
    body, code = answer if isinstance(answer, tuple) else (b"", 503)
    return Response(body, code, {"Retry-After": "5"}, mimetype="text/html")


def _no_such_value(error: DataError) -> Any:
    """A value that no column can hold came through: the visitor's, so it is refused, and ours to look at."""
    log.error("refused by the database: %s", str(error).split("\n")[0])
    _forget_session()
    return _page(400)


def _broken(error: Exception) -> Any:
    log.exception("unhandled", exc_info=getattr(error, "original_exception", None) or error)
    _forget_session()
    return _page(500)


def _forget_session() -> None:
    """The page must not stumble over the transaction that broke."""
    try:
        db.session.rollback()
    except Exception:
        db.session.remove()


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(PoolTimeout, _database_away)
    app.register_error_handler(DataError, _no_such_value)
    app.register_error_handler(InternalServerError, _broken)
    app.register_error_handler(Exception, _broken)
