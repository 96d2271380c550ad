"""Sessions in the database: the cookie holds a random token, the row its hash, so that every session can be ended.

A session begins at the first POST that needs it. It ends at sign-out, after 30 days without a visit, or after 90 days;
an admin's after 12 hours without one. Pages of audience 'public' never touch it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, Request, Response, current_app, g
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.datastructures import CallbackDict

from marketplace.core import clock
from marketplace.core.audience import Audience
from marketplace.core.db import db, transaction
from marketplace.core.ids import hash_token, new_token

from .models import LoginSession, User

IDLE = timedelta(days=30)
ABSOLUTE = timedelta(days=90)
ADMIN_IDLE = timedelta(hours=12)
SEEN_STEP = timedelta(minutes=10)  # how often a visit is written down
USER_KEY = "_user_id"  # Flask-Login's
STAYS = ("_flashes", "kept:")  # keys of what a visitor takes along through the door, such as a question typed before
CARRIED = ("workshop_id",)  # from a person's last session into the next one


class SessionOnPublicPage(RuntimeError):
    """A public page asked who is looking: a mistake of ours that a cache would spread."""


class DatabaseSession(CallbackDict[str, Any], SessionMixin):
    """Loads its row on first use only."""

    def __init__(self, token: str | None) -> None:
        super().__init__(on_update=self._changed)
        self.token = token
        self.modified = False
        self.accessed = False
        self.row: LoginSession | None = None
        self._loaded = False
        self._loading = False
        self.ended = False

    def _changed(self, _session: Any) -> None:
        if not self._loading:
            self.modified = True

    def load(self) -> DatabaseSession:
        if self._loaded or self._loading:
            return self
        if g.get("audience") is Audience.PUBLIC:
            raise SessionOnPublicPage
        self._loading = self.accessed = True
        self.row = _find(self.token) if self.token else None
        if self.row is not None:
            dict.update(self, self.row.data)
            if self.row.user_id is not None:
                dict.__setitem__(self, USER_KEY, str(self.row.user_id))
            g.signed_in_at, g.second_factor_at = self.row.signed_in_at, self.row.second_factor_at
        self._loading, self._loaded = False, True
        return self

    @property
    def exists(self) -> bool:
        """Whether the visitor has a session, or will have one with this answer."""
        if g.get("audience") is Audience.PUBLIC:
            return False
        self.load()
        return self.row is not None or bool(dict.__len__(self))

    def __getitem__(self, key: str) -> Any:
        return dict.__getitem__(self.load(), key)

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self.load(), key)

    def get(self, key: str, default: Any = None) -> Any:
        return dict.get(self.load(), key, default)

    def __setitem__(self, key: str, value: Any) -> None:
        self.load()
        super().__setitem__(key, value)

    def pop(self, key: str, *default: Any) -> Any:
        self.load()
        return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        self.load()
        return super().setdefault(key, default)

    def __len__(self) -> int:
        return dict.__len__(self.load())

    def __iter__(self) -> Any:
        return dict.__iter__(self.load())


def _find(token: str) -> LoginSession | None:
    row = db.session.scalar(sa.select(LoginSession).where(LoginSession.token_hash == hash_token(token)))
    if row is None or row.ended_at is not None:
        return None
    now = clock.now()
    if now - row.seen_at > IDLE or now - row.created_at > ABSOLUTE:
        return None
    return None if now - row.seen_at > ADMIN_IDLE and _is_admin(row.user_id) else row


def _is_admin(user_id: int | None) -> bool:
    return user_id is not None and bool(db.session.scalar(sa.select(User.is_admin).where(User.id == user_id)))


class DatabaseSessions(SessionInterface):
    """Flask's door to the table; Flask-Login and flash use it unchanged."""

    def cookie_name(self) -> str:
        return "__Host-session" if current_app.config["HTTPS"] else "session"

    def open_session(self, app: Flask, request: Request) -> DatabaseSession:
        name = "__Host-session" if app.config["HTTPS"] else "session"
        token = request.cookies.get(name, "")
        return DatabaseSession(token if 16 <= len(token) <= 64 else None)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, DatabaseSession)
        if not session.accessed:
            return
        if session.ended:
            self._forget(response)
            return
        if session.modified:
            self._store(session)
            self._remember(session, response)
        elif session.row is not None and clock.now() - session.row.seen_at > SEEN_STEP:
            with transaction():
                db.session.execute(
                    sa.update(LoginSession).where(LoginSession.id == session.row.id).values(seen_at=clock.now())
                )

    def _store(self, session: DatabaseSession) -> None:
        data = {key: value for key, value in dict(session).items() if key != USER_KEY}
        if session.row is None:
            if dict.__len__(session):
                ensure(session)
            return
        with transaction():
            db.session.execute(
                sa.update(LoginSession).where(LoginSession.id == session.row.id).values(data=data, seen_at=clock.now())
            )

    def _remember(self, session: DatabaseSession, response: Response) -> None:
        if session.row is None or session.token is None:
            return
        response.set_cookie(
            self.cookie_name(),
            session.token,
            max_age=int(ABSOLUTE.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=current_app.config["HTTPS"],
            path="/",
        )

    def _forget(self, response: Response) -> None:
        response.delete_cookie(
            self.cookie_name(), httponly=True, samesite="Lax", secure=current_app.config["HTTPS"], path="/"
        )


def ensure(session: DatabaseSession, *, address: str = "", agent: str = "") -> int:
    """The number of this visitor's session row, made now if there was none."""
    session.load()
    if session.row is None:
        session.token = new_token()
        now = clock.now()
        row = LoginSession(
            token_hash=hash_token(session.token),
            data={key: value for key, value in dict(session).items() if key != USER_KEY},
            created_at=now,
            seen_at=now,
            address=address[:64],
            agent=agent[:200],
        )
        with transaction():
            db.session.add(row)
        session.row = row
        session.modified = True
    return session.row.id


def renew(session: DatabaseSession) -> None:
    """Another token for the same session: one planted in the visitor's browser before is worth nothing."""
    ensure(session)
    row, token = session.row, new_token()
    assert row is not None
    with transaction():
        db.session.execute(
            sa.update(LoginSession).where(LoginSession.id == row.id).values(token_hash=hash_token(token))
        )
    session.token, session.modified = token, True


def sign_in(
    session: DatabaseSession, user_id: int, *, address: str = "", agent: str = "", second_factor: bool = False
) -> None:
    """Renew the session for its person: a new token, so that one planted before is worth nothing."""
    session.load()
    old, kept = session.row, {key: value for key, value in dict(session).items() if key.startswith(STAYS)}
    kept |= _as_before(user_id)
    now = clock.now()
    token = new_token()
    row = LoginSession(
        token_hash=hash_token(token),
        user_id=user_id,
        data=kept,
        created_at=now,
        seen_at=now,
        signed_in_at=now,
        second_factor_at=now if second_factor else None,
        address=address[:64],
        agent=agent[:200],
    )
    with transaction():
        db.session.add(row)
        if old is not None:
            db.session.execute(sa.update(LoginSession).where(LoginSession.id == old.id).values(ended_at=now))
    session.clear()
    session.token, session.row, session.modified, session.ended = token, row, True, False
    session.update(kept)
    dict.__setitem__(session, USER_KEY, str(user_id))
    g.signed_in_at, g.second_factor_at = now, row.second_factor_at


def _as_before(user_id: int) -> dict[str, Any]:
    """What a person's next session goes on with: the workshop that was worked for last."""
    query = sa.select(LoginSession.data).where(LoginSession.user_id == user_id)
    data = db.session.scalar(query.order_by(LoginSession.seen_at.desc(), LoginSession.id.desc()).limit(1)) or {}
    return {key: data[key] for key in CARRIED if key in data}


def sign_out(session: DatabaseSession) -> None:
    """End it on the server: a copied cookie is dead."""
    session.load()
    if session.row is not None:
        with transaction():
            db.session.execute(
                sa.update(LoginSession).where(LoginSession.id == session.row.id).values(ended_at=clock.now())
            )
    session.clear()
    session.ended, session.row = True, None


def end_all(user_id: int, *, but: int | None = None) -> int:
    """End every session of a person, save one, and tell how many; part of the caller's transaction."""
    query = sa.update(LoginSession).where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
    if but is not None:
        query = query.where(LoginSession.id != but)
    with transaction():
        return int(db.session.execute(query.values(ended_at=clock.now())).rowcount)  # type: ignore[attr-defined]


def confirm_password(session: DatabaseSession) -> None:
    """The password was given again just now: admin acts are open for a while."""
    now = clock.now()
    row = session.load().row
    assert row is not None
    with transaction():
        db.session.execute(sa.update(LoginSession).where(LoginSession.id == row.id).values(signed_in_at=now))
    g.signed_in_at = now


def confirm_second_factor(session: DatabaseSession) -> None:
    """The code was given just now: bank changes are open for a while."""
    now = clock.now()
    row = session.load().row
    assert row is not None
    with transaction():
        db.session.execute(sa.update(LoginSession).where(LoginSession.id == row.id).values(second_factor_at=now))
    g.second_factor_at = now
