"""The demo processor's messages, signed and handed to our own webhook route."""

from __future__ import annotations

import contextvars
import json
import logging
from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app
from werkzeug.test import Client

from marketplace.core import clock

from ...signatures import sign

log = logging.getLogger(__name__)

SIGNATURE_HEADER = "Demo-Signature"


def tell(event_id: str, kind: str, about: Mapping[str, str]) -> bool:
    """Deliver a message inside this process: over the network a single worker would wait for itself (payments.md 10).

    Tells whether it was taken.
    """
    event = event_of(event_id, kind, about)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    status = contextvars.Context().run(post, app, json.dumps(event).encode())
    if status >= 300:
        log.error("our webhook answered the demo processor with %s", status)
    return status < 300


def event_of(event_id: str, kind: str, about: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": event_id,
        "object": "event",
        "type": kind,
        "livemode": False,
        "created": int(clock.now().timestamp()),
        "data": {"object": dict(about)},
    }


def post(app: Flask, body: bytes) -> int:
    """The status of the webhook route's answer to a signed body."""
    processor = app.extensions["payment_processors"]["demo"]
    headers = {SIGNATURE_HEADER: sign(body, processor.secret, clock.now()), "Content-Type": "application/json"}
    answer = Client(app).post("/webhooks/demo", data=body, headers=headers, base_url=app.config["SITE_URL"])
    answer.close()
    return answer.status_code
