"""The demo processor: behaves like hosted checkout, moves no money. Its truth stands in `demo_sessions`.

It exists only in development and tests without a real key (config.py refuses everything else).
"""

from __future__ import annotations

import contextvars
import enum
import hashlib
import hmac
import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app
from werkzeug.test import Client

from marketplace.core import clock
from marketplace.core.db import db, end_read, insert_ignore, transaction
from marketplace.core.ids import new_key
from marketplace.core.money import Money

from ..models import DemoSession
from ..signatures import is_signed, sign
from . import (
    AttemptFacts,
    BadNotice,
    BalanceLine,
    Bill,
    Caps,
    DisputeState,
    Meaning,
    MissedEvent,
    Notice,
    PageStatus,
    PaymentState,
    RefundFacts,
    RefundState,
    Refused,
    Started,
)
from .notices import event_of, identifier, optional_identifier

log = logging.getLogger(__name__)

SIGNATURE_HEADER = "Demo-Signature"
LATER = timedelta(minutes=1)  # how long 'approve later' takes
FINAL = (PageStatus.PAID, PageStatus.FAILED, PageStatus.EXPIRED)
MEANINGS = {
    "page.paid": Meaning.CHECK,
    "page.processing": Meaning.CHECK,
    "page.failed": Meaning.DECLINE,
    "page.expired": Meaning.CHECK,
}


class Outcome(enum.StrEnum):
    """What the person in front of the demo page can make happen."""

    APPROVE = "approve"
    DECLINE = "decline"
    LATER = "approve_later"
    LOST = "approve_lost"  # paid, but the browser never returns
    ABANDON = "abandon"


class DemoProcessor:
    name = "demo"
    livemode = False
    shortest_page = timedelta(0)

    def __init__(self, secret_key: str, site_url: str) -> None:
        self.secret = hmac.new(secret_key.encode(), b"demo processor", hashlib.sha256).hexdigest()
        self.site_url = site_url

    def prepare(self, bill: Bill) -> dict[str, Any]:
        return {
            "amount": bill.total.amount,
            "currency": bill.total.currency,
            "return_url": bill.return_url,
            "cancel_url": bill.cancel_url,
            "expires_at": int(bill.expires_at.timestamp()),
            "language": bill.language,
        }

    def start(self, attempt: AttemptFacts) -> Started:
        if _session(key=attempt.key) is None:
            self._open(attempt)
        session = _session(key=attempt.key)
        end_read()
        if session is None:
            raise Refused("the demo session did not come into being")
        prefix = "/id" if attempt.request.get("language") == "id" else ""
        url = f"{self.site_url}{prefix}/demo-payment/{session.external_id}"
        return Started(url, session.external_id, session.expires_at)

    def _open(self, attempt: AttemptFacts) -> None:
        request = attempt.request
        expires_at = datetime.fromtimestamp(request["expires_at"], tz=clock.BALI)
        if expires_at <= clock.now():
            raise Refused("the page would be closed before it opens")
        with transaction():
            insert_ignore(
                DemoSession,
                external_id=f"demo_{new_key()}",
                key=attempt.key,
                amount=request["amount"],
                currency=request["currency"],
                status=PageStatus.OPEN,
                return_url=request["return_url"],
                cancel_url=request["cancel_url"],
                expires_at=expires_at,
                created_at=clock.now(),
                outcome="",
            )

    def fetch(self, attempt: AttemptFacts) -> PaymentState:
        session = _session(external_id=attempt.external_id)
        if session is not None and session.status == PageStatus.OPEN and session.expires_at <= clock.now():
            move(session.external_id, PageStatus.EXPIRED)
            session = _session(external_id=attempt.external_id)
        end_read()
        if session is None:
            raise Refused(f"no demo session {attempt.external_id}")
        return _state(session)

    def cancel(self, attempt: AttemptFacts) -> PaymentState:
        move(attempt.external_id or "", PageStatus.EXPIRED)
        return self.fetch(attempt)

    def refund(self, refund: RefundFacts) -> RefundState:
        raise NotImplementedError

    def find_refund(self, refund: RefundFacts) -> RefundState | None:
        raise NotImplementedError

    def fetch_refund(self, external_id: str) -> RefundState:
        raise NotImplementedError

    def fetch_dispute(self, external_id: str) -> DisputeState:
        raise NotImplementedError

    def submit_evidence(self, external_id: str, key: str, evidence: Mapping[str, str]) -> DisputeState:
        raise NotImplementedError

    def balance_lines(self, since: datetime, until: datetime) -> Iterable[BalanceLine]:
        raise NotImplementedError

    def balances(self) -> dict[str, int]:
        raise NotImplementedError

    def missed_events(self, since: datetime) -> Iterable[MissedEvent]:
        return []

    def caps(self, currency: str) -> Caps:
        return Caps()

    def meaning(self, kind: str) -> Meaning:
        return MEANINGS.get(kind, Meaning.NOTHING)

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        if not is_signed(body, headers.get(SIGNATURE_HEADER, ""), self.secret, clock.now()):
            raise BadNotice("not signed by the demo processor")
        event = event_of(body)
        if event["livemode"] is not False:
            raise BadNotice("the demo processor is never live")
        about = event["data"]["object"]
        return Notice(
            event_id=identifier(event["id"], 120),
            kind=identifier(event["type"], 80),
            livemode=False,
            attempt_key=optional_identifier(about.get("key"), 40),
            external_id=optional_identifier(about.get("id"), 120),
            meaning=self.meaning(event["type"]),
        )


def _session(**by: Any) -> DemoSession | None:
    query = sa.select(DemoSession).filter_by(**by).execution_options(populate_existing=True)
    return db.session.scalar(query)


def _state(session: DemoSession) -> PaymentState:
    paid = session.status == PageStatus.PAID
    return PaymentState(
        status=PageStatus(session.status),
        external_id=session.external_id,
        key=session.key,
        amount=Money(session.amount, session.currency),
        charge_id=session.charge_id,
        fee_amount=0 if paid else None,
        net_amount=session.amount if paid else None,
        settle_currency=session.currency if paid else "",
    )


def move(
    external_id: str, status: PageStatus, *, outcome: str = "", due_at: datetime | None = None, since: str = "open"
) -> bool:
    """Move a page that is still in state `since`; tells whether it was. One of two at the same instant wins.

    A page whose time is over can only expire.
    """
    values: dict[str, Any] = {"status": status, "due_at": due_at}
    if outcome:
        values["outcome"] = outcome
    if status is PageStatus.PAID:
        values["charge_id"] = f"ch_{new_key()}"
    query = sa.update(DemoSession).where(DemoSession.external_id == external_id, DemoSession.status == since)
    if since == PageStatus.OPEN and status is not PageStatus.EXPIRED:
        query = query.where(DemoSession.expires_at > clock.now())
    with transaction():
        return bool(db.session.execute(query.values(**values)).rowcount)  # type: ignore[attr-defined]


def choose(external_id: str, outcome: Outcome) -> None:
    """Let it happen, as a bank would, and tell the shop. A page that is no longer open stays as it is."""
    if outcome is Outcome.ABANDON:
        return
    if outcome is Outcome.DECLINE:
        moved = move(external_id, PageStatus.FAILED, outcome=outcome)
    elif outcome is Outcome.LATER:
        moved = move(external_id, PageStatus.PROCESSING, outcome=outcome, due_at=clock.now() + LATER)
    else:
        moved = move(external_id, PageStatus.PAID, outcome=outcome)
    if moved:
        deliver(external_id)


def deliver(external_id: str) -> bool:
    """Hand the news about a page to our own webhook route, inside this process: over the network a single worker would
    wait for itself (payments.md 10). Tells whether it was taken; what was not is delivered again by the sweep.
    """
    session = _session(external_id=external_id)
    end_read()
    if session is None:
        return False
    body = _news(session)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    status = contextvars.Context().run(_post, app, body)
    if status >= 300:
        log.error("our webhook answered the demo processor with %s", status)
        return False
    if session.status in FINAL:
        with transaction():
            where = sa.update(DemoSession).where(DemoSession.external_id == external_id)
            db.session.execute(where.values(noticed_at=clock.now()))
    return True


def _news(session: DemoSession) -> bytes:
    event = {
        "id": f"evt_{session.status}_{session.external_id}",
        "object": "event",
        "type": f"page.{session.status}",
        "livemode": False,
        "created": int(clock.now().timestamp()),
        "data": {"object": {"id": session.external_id, "key": session.key, "status": session.status}},
    }
    return json.dumps(event).encode()


def _post(app: Flask, body: bytes) -> int:
    processor = app.extensions["payment_processors"]["demo"]
    headers = {SIGNATURE_HEADER: sign(body, processor.secret, clock.now()), "Content-Type": "application/json"}
    answer = Client(app).post("/webhooks/demo", data=body, headers=headers, base_url=app.config["SITE_URL"])
    answer.close()
    return answer.status_code


def play() -> int:
    """What time brings: 'approve later' comes true, open pages expire, and news that was not taken is told again."""
    now = clock.now()
    due = sa.select(DemoSession.external_id).where(DemoSession.status == "processing", DemoSession.due_at <= now)
    done = sum(move(name, PageStatus.PAID, since="processing") for name in db.session.scalars(due).all())
    over = sa.select(DemoSession.external_id).where(DemoSession.status == "open", DemoSession.expires_at <= now)
    done += sum(move(name, PageStatus.EXPIRED) for name in db.session.scalars(over).all())
    untold = sa.select(DemoSession.external_id).where(DemoSession.status.in_(FINAL), DemoSession.noticed_at.is_(None))
    return done + sum(deliver(name) for name in db.session.scalars(untold.limit(200)).all())
