"""The demo processor: behaves like hosted checkout, moves no money. Its truth stands in tables of its own.

It exists only in development and tests without a real key (config.py refuses everything else).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from marketplace.core import clock
from marketplace.core.db import end_read, insert_ignore, transaction
from marketplace.core.ids import new_key

from ...models import DemoSession
from ...signatures import is_signed
from .. import (
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
from ..notices import event_of, identifier, optional_identifier
from . import balance, disputes, refunds
from .news import SIGNATURE_HEADER
from .pages import Outcome, choose, deliver, move, play, session_by, state_of

__all__ = ["SIGNATURE_HEADER", "DemoProcessor", "Outcome", "choose", "deliver", "move", "play"]

MEANINGS = {
    "page.paid": Meaning.CHECK,
    "page.processing": Meaning.CHECK,
    "page.failed": Meaning.DECLINE,
    "page.expired": Meaning.CHECK,
    "refund.created": Meaning.REFUND,
    "refund.failed": Meaning.REFUND,
    "dispute.created": Meaning.DISPUTE,
    "dispute.updated": Meaning.DISPUTE,
    "dispute.closed": Meaning.DISPUTE,
}


class DemoProcessor:
    name = "demo"
    livemode = False
    shortest_page = timedelta(0)
    keeps_refused_pages = False

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
        if session_by(key=attempt.key) is None:
            self._open(attempt)
        session = session_by(key=attempt.key)
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
        session = session_by(external_id=attempt.external_id)
        if session is not None and session.status == PageStatus.OPEN and session.expires_at <= clock.now():
            move(session.external_id, PageStatus.EXPIRED)
            session = session_by(external_id=attempt.external_id)
        end_read()
        if session is None:
            raise Refused(f"no demo session {attempt.external_id}")
        return state_of(session)

    def cancel(self, attempt: AttemptFacts) -> PaymentState:
        move(attempt.external_id or "", PageStatus.EXPIRED)
        return self.fetch(attempt)

    def prepare_refund(self, refund: RefundFacts, number: str) -> dict[str, Any]:
        return refunds.prepare(refund)

    def refund(self, refund: RefundFacts) -> RefundState:
        return refunds.refund(refund)

    def can_refund(self, attempt: AttemptFacts, at: datetime) -> bool:
        return self.caps(attempt.total.currency).refunds

    def find_refund(self, refund: RefundFacts) -> RefundState | None:
        return refunds.find(refund)

    def fetch_refund(self, external_id: str) -> RefundState:
        return refunds.fetch(external_id)

    def fetch_dispute(self, external_id: str) -> DisputeState:
        return disputes.fetch_dispute(external_id)

    def submit_evidence(self, external_id: str, key: str, evidence: Mapping[str, str]) -> DisputeState:
        return disputes.submit_evidence(external_id, key, evidence)

    def balance_lines(self, since: datetime, until: datetime, source: str = "") -> Iterable[BalanceLine]:
        return balance.balance_lines(since, until, source)

    def balances(self) -> dict[str, int]:
        return balance.balances()

    def missed_events(self, since: datetime) -> Iterable[MissedEvent]:
        return disputes.missed_events(since)

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
