"""Reading one of Stripe's events, however it reached us."""

from __future__ import annotations

from collections.abc import Callable

from .. import BadNotice, Meaning, Notice
from ..notices import event_of, identifier, optional_identifier

NAMED = ("checkout.session", "refund", "dispute")  # objects whose own name we can ask for


def notice_of(body: bytes, meaning: Callable[[str], Meaning]) -> Notice:
    """What the event is about. That it is Stripe's, somebody else has made sure.

    Raises:
        BadNotice: it is no event.
    """
    event = event_of(body)
    if event.get("account"):  # of a workshop's account at Stripe: no money of a buyer moves there
        raise BadNotice("a message of another account")
    about = event["data"]["object"]
    metadata = about.get("metadata")
    is_named = about.get("object") in NAMED
    return Notice(
        event_id=identifier(event["id"], 120),
        kind=identifier(event["type"], 80),
        livemode=event["livemode"],
        attempt_key=optional_identifier(metadata.get("attempt_key"), 40) if isinstance(metadata, dict) else "",
        external_id=optional_identifier(about.get("id"), 120) if is_named else "",
        meaning=meaning(event["type"]),
    )
