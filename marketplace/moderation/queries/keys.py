"""Keys of long lists that are ordered by a moment (performance.md 2)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from marketplace.core.pagination import decode_key, encode_key

RECORD = 8  # acts that a page shows of its subject
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = 10**6


def moment_key(moment: datetime, ident: int) -> str:
    since = moment - _EPOCH
    return encode_key((since.days * 86400 + since.seconds) * MICROSECOND + since.microseconds, ident)


def after_moment(moment: Any, ident: Any, key: str | None) -> sa.ColumnElement[bool]:
    """Rows that follow the key in ascending order; all of them without one, or when it was tampered with."""
    parts = decode_key(key, 2)
    if parts is None or parts[0] > 4 * 10**15:
        return sa.true()
    at = datetime.fromtimestamp(parts[0] // MICROSECOND, UTC).replace(microsecond=parts[0] % MICROSECOND)
    return sa.or_(moment > at, sa.and_(moment == at, ident > parts[1]))


def before_ident(ident: Any, key: str | None) -> sa.ColumnElement[bool]:
    """Rows that follow the key when the newest stand first."""
    parts = decode_key(key, 1)
    return sa.true() if parts is None else ident < parts[0]


def pattern(text: str) -> str:
    """A LIKE pattern that finds `text` anywhere; escape with a backslash."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
