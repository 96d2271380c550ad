"""Where a person may be sent back to: our own pages, whatever the spelling (security.md 29); links in their words."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from flask import current_app, has_request_context, request
from markupsafe import Markup, escape

_LONGEST = 2000
_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]{1,400}", re.IGNORECASE)
_ROUNDS = 4  # of percent-decoding: %252f is %2f is /


def safe_next(target: str | None, default: str = "/") -> str:
    """`target` as a path of this shop, or `default` when it is anything else.

    A full address of our own (a Referer) counts as its path. What browsers or proxies might read as another host
    is refused: two slashes, backslashes, white space and control characters, in any number of percent-encodings.
    """
    path = _without_origin(target or "")
    return path if _is_own_path(path) else default


def _without_origin(target: str) -> str:
    for origin in _own_origins():
        if origin and target.startswith(origin + "/"):
            return target.removeprefix(origin)
    return target


def _own_origins() -> tuple[str, ...]:
    here = request.host_url.rstrip("/") if has_request_context() else ""
    return (current_app.config["SITE_URL"], here) if current_app else ()


def _is_own_path(path: str) -> bool:
    if not path.startswith("/") or len(path) > _LONGEST:
        return False
    for _ in range(_ROUNDS):
        if _might_leave(path):
            return False
        plainer = unquote(path)
        if plainer == path:
            return True
        path = plainer
    return False  # nothing honest is encoded so often


def _might_leave(path: str) -> bool:
    where = path.partition("?")[0].partition("#")[0]
    if "//" in where or "\\" in path or any(char <= " " or char == "\x7f" for char in where):
        return True
    if any(char < " " or char == "\x7f" for char in path):
        return True
    parts = urlsplit(path)
    return bool(parts.scheme or parts.netloc)


def linked(text: str) -> Markup:
    """People's words for a page: escaped, their line breaks kept, their addresses as links that we do not vouch for
    (security.md 36)."""
    lines = [Markup("").join(_pieces(line)) for line in text.splitlines()]
    return Markup("<br>").join(lines)


def _pieces(line: str) -> list[Markup]:
    pieces, at = [], 0
    for found in _ADDRESS.finditer(line):
        address = found[0].rstrip(".,;:!?)]}\u201d\u2019")
        pieces += [escape(line[at : found.start()]), _link(address)]
        at = found.start() + len(address)
    return [*pieces, escape(line[at:])]


def _link(address: str) -> Markup:
    return Markup('<a href="{0}" rel="nofollow ugc noopener noreferrer">{0}</a>').format(address)
