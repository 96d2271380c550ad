"""The shape of a signed message: nonsense inside a good signature is still nonsense (security.md 10)."""

from __future__ import annotations

import json
import re
from typing import Any

from . import BadNotice

_IDENTIFIER = re.compile(r"[\x21-\x7e]+")


def event_of(body: bytes) -> dict[str, Any]:
    """The event in `body`: an object with id, type, livemode and an object in data.

    Raises:
        BadNotice: it is anything else.
    """
    try:
        event = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadNotice("not JSON") from error
    if not isinstance(event, dict) or event.get("object") != "event" or type(event.get("livemode")) is not bool:
        raise BadNotice("not an event")
    data = event.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("object"), dict):
        raise BadNotice("an event about nothing")
    identifier(event.get("id"), 120)
    identifier(event.get("type"), 80)
    return event


def identifier(value: object, length: int) -> str:
    """A name as processors make them: printable, without blanks, at most `length` characters."""
    if not isinstance(value, str) or len(value) > length or not _IDENTIFIER.fullmatch(value):
        raise BadNotice("an event without a proper name")
    return value


def optional_identifier(value: object, length: int) -> str:
    """Like `identifier`, but nothing where there is none."""
    return value if isinstance(value, str) and len(value) <= length and _IDENTIFIER.fullmatch(value) else ""
