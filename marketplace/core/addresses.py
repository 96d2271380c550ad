"""Addresses of our own pages: built by werkzeug once per shape, and filled in from then on.

A page names seventy addresses, and building one takes 25 to 40 microseconds. Its shape hangs on the endpoint, the
market and the names of its values alone, as long as the values are plain: whole numbers, and words of unreserved
characters, which look the same in a path and in a query. Everything else goes the long way.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, has_request_context, request

from .markets import BY_PREFIX, current_market

_is_plain_word = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}").fullmatch
LARGEST = 2**63 - 1
MOST = 2000  # shapes kept: endpoints times markets times names, far fewer than this
_WORD, _NUMBER = "zq{}zq", 707_000_000_700  # stand-ins that no rule contains
Shape = tuple[str, tuple[str, ...]]  # a pattern, and whose values fill it


def _kind(name: str, value: object) -> object:
    """What of a value decides the shape; None when it has to go the long way."""
    if name == "market":
        return value if value == "" or value in BY_PREFIX else None
    if name[0] == "_":
        return None
    if type(value) is int:
        return int if 0 <= value <= LARGEST else None
    # A number in words ('7') may stand where a rule wants a number, and a stand-in of letters cannot.
    return str if type(value) is str and _is_plain_word(value) and not value.isdigit() else None


class Addresses:
    """In place of `app.url_for`."""

    def __init__(self, app: Flask) -> None:
        self._long_way = app.url_for
        self._shapes: dict[tuple[object, ...], Shape] = {}

    def __call__(self, endpoint: str, **values: Any) -> str:
        kinds = [_kind(name, value) for name, value in values.items()]
        if None in kinds or endpoint[0] == "." or not has_request_context() or request.environ.get("SCRIPT_NAME"):
            return self._long_way(endpoint, **values)
        key = (endpoint, current_market().prefix, *values, *kinds)
        pattern, order = self._shapes.get(key) or self._learn(key, endpoint, values)
        return pattern % tuple([values[name] for name in order])

    def _learn(self, key: tuple[object, ...], endpoint: str, values: dict[str, Any]) -> Shape:
        """Build the address with stand-ins and cut it where they stand."""
        stands: dict[str, Any] = {
            name: _NUMBER + at if type(value) is int else _WORD.format(at)
            for at, (name, value) in enumerate(values.items())
            if name != "market"
        }
        fixed = {name: value for name, value in values.items() if name == "market"}
        pattern = self._long_way(endpoint, **stands, **fixed).replace("%", "%%")
        order = tuple(sorted(stands, key=lambda name: pattern.index(str(stands[name]))))
        for name in order:
            pattern = pattern.replace(str(stands[name]), "%s", 1)
        if len(self._shapes) < MOST:
            self._shapes[key] = (pattern, order)
        return pattern, order


def init_app(app: Flask) -> None:
    app.url_for = Addresses(app)  # type: ignore[method-assign]
    app.jinja_env.globals["url_for"] = app.url_for
