"""Midtrans' hosted page (Snap) over plain HTTP: QRIS, virtual accounts, cards, in rupiah.

Its messages carry no time and their figures prove nothing: every one leads to a question (payments.md 12).
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from marketplace.core import clock

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
    ProcessorDown,
    RefundFacts,
    RefundState,
    Refused,
    Started,
)
from ..notices import identifier
from . import pages, refunds
from .calls import CURRENCY, Answer, Api, Calls
from .pages import key_of, state_of, untouched

MEANINGS = {
    "pending": Meaning.CHECK,
    "authorize": Meaning.CHECK,
    "capture": Meaning.CHECK,
    "settlement": Meaning.CHECK,
    "cancel": Meaning.CHECK,
    "expire": Meaning.CHECK,
    "deny": Meaning.DECLINE,
    "failure": Meaning.DECLINE,
    "chargeback": Meaning.CHECK,
    "partial_chargeback": Meaning.CHECK,
    "refund": Meaning.REFUND,
    "partial_refund": Meaning.REFUND,
}
SIGNED = ("order_id", "status_code", "gross_amount")
KNOWN = (200, 201, 202, 407)  # how a status answers for a transaction that is there


class MidtransProcessor:
    name = "midtrans"
    shortest_page = timedelta(minutes=35)
    keeps_refused_pages = True

    def __init__(
        self,
        server_key: str,
        api_base: str,
        snap_base: str,
        *,
        livemode: bool,
        timeout: tuple[float, float],
        retries: int,
    ) -> None:
        """`timeout` is (connect, read) in seconds; an act takes at most about (retries + 1) times their sum."""
        self._server_key, self._core, self._snap = server_key, f"{api_base}/v2", snap_base
        self._api = Api(server_key, timeout=timeout, retries=retries)
        self.livemode = livemode

    def prepare(self, bill: Bill) -> dict[str, Any]:
        return pages.request_of(bill)

    def start(self, attempt: AttemptFacts) -> Started:
        """A repeated call may answer with another page of the same order_id; only one of them can ever be paid."""
        request = attempt.request
        if request["expires_at"] <= clock.now().timestamp():
            raise Refused("the page would be closed before it opens")
        answer = self._api.act().post(f"{self._snap}/snap/v1/transactions", request["body"])
        if answer.code not in (200, 201):
            raise Refused(f"{answer.code} {answer.says}")
        address = answer.body.get("redirect_url")
        if not isinstance(address, str) or not address.startswith(f"{self._snap}/"):
            raise ProcessorDown("a page without an address of theirs")
        return Started(address, _order_id(attempt), attempt.expires_at)

    def fetch(self, attempt: AttemptFacts) -> PaymentState:
        return self._fetch(self._api.act(), attempt)

    def _fetch(self, calls: Calls, attempt: AttemptFacts) -> PaymentState:
        order_id = _order_id(attempt)
        answer = self._status(calls, order_id)
        if answer.code == 404:
            return untouched(attempt, order_id)
        return state_of(answer)

    def _status(self, calls: Calls, order_id: str) -> Answer:
        answer = calls.get(f"{self._core}/{quote(order_id, safe='')}/status")
        if answer.code not in (*KNOWN, 404):
            raise Refused(f"{answer.code} {answer.says}")
        return answer

    def cancel(self, attempt: AttemptFacts) -> PaymentState:
        """Close the page, then the transaction that may have begun on it; what was paid meanwhile stays paid.

        `/cancel` would also give a captured card back: it is asked only for what is still pending.
        """
        calls, order_id = self._api.act(), _order_id(attempt)
        in_progress = self._close_page(calls, attempt.redirect_url)
        state = self._fetch(calls, attempt)
        if state.status is PageStatus.OPEN and not in_progress:
            return dataclasses.replace(state, status=PageStatus.EXPIRED)
        if self._is_pending(calls, order_id, state):
            self._end(calls, order_id)
            state = self._fetch(calls, attempt)
        was_ended = state.status is PageStatus.FAILED
        return dataclasses.replace(state, status=PageStatus.EXPIRED) if was_ended else state

    def _close_page(self, calls: Calls, address: str) -> bool:
        """Whether somebody is choosing there at this moment. An address that we never had was told to nobody."""
        token = address.rpartition("/")[2]
        if not token:
            return False
        answer = calls.post(f"{self._snap}/snap/v1/transactions/{quote(token, safe='')}/cancel")
        return answer.code >= 400 and "progress" in answer.says

    def _is_pending(self, calls: Calls, order_id: str, state: PaymentState) -> bool:
        if state.status is not PageStatus.PROCESSING:
            return False
        return self._status(calls, order_id).body.get("transaction_status") == "pending"

    def _end(self, calls: Calls, order_id: str) -> None:
        for verb in ("expire", "cancel"):
            if calls.post(f"{self._core}/{quote(order_id, safe='')}/{verb}").code in (200, 407):
                return

    def prepare_refund(self, refund: RefundFacts, number: str) -> dict[str, Any]:
        return refunds.body_of(refund, number)

    def refund(self, refund: RefundFacts) -> RefundState:
        calls, order_id = self._api.act(), _order_id(refund.attempt)
        address = f"{self._core}/{quote(order_id, safe='')}/refund/online/direct"
        return refunds.refund(
            refund, clock.now(), lambda: self._known(calls, order_id), lambda body: calls.post(address, body)
        )

    def _known(self, calls: Calls, order_id: str) -> Answer:
        answer = self._status(calls, order_id)
        if answer.code == 404:
            raise Refused("Midtrans knows no such transaction")
        return answer

    def can_refund(self, attempt: AttemptFacts, at: datetime) -> bool:
        return refunds.can_refund(attempt.method, attempt.paid_at, at)

    def find_refund(self, refund: RefundFacts) -> RefundState | None:
        status = self._status(self._api.act(), _order_id(refund.attempt))
        return refunds.find(status, refunds.key_at_midtrans(refund))

    def fetch_refund(self, external_id: str) -> RefundState:
        order_id, _slash, key = external_id.partition("/")
        found = refunds.find(self._known(self._api.act(), order_id), key)
        if found is None:
            raise Refused(f"no refund {external_id}")
        return found

    def fetch_dispute(self, external_id: str) -> DisputeState:
        """Midtrans tells of a chargeback by a transaction's state alone; a person answers it in its dashboard."""
        raise Refused("Midtrans keeps no disputes that can be asked for")

    def submit_evidence(self, external_id: str, key: str, evidence: Mapping[str, str]) -> DisputeState:
        raise Refused("evidence for Midtrans is handed in by mail")

    def balance_lines(self, since: datetime, until: datetime, source: str = "") -> Iterable[BalanceLine]:
        return []

    def balances(self) -> dict[str, int]:
        return {}

    def missed_events(self, since: datetime) -> Iterable[MissedEvent]:
        return []

    def caps(self, currency: str) -> Caps:
        return Caps(refunds=currency == CURRENCY, lists=False)

    def meaning(self, kind: str) -> Meaning:
        return MEANINGS.get(kind, Meaning.NOTHING)

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """The signature is over four strings as they came; the server key in it tells the mode as well."""
        news = _object(body)
        order_id, code, amount = (
            identifier(news.get(name), 120) for name in ("order_id", "status_code", "gross_amount")
        )
        signed = hashlib.sha512(f"{order_id}{code}{amount}{self._server_key}".encode()).hexdigest()
        if not hmac.compare_digest(signed, identifier(news.get("signature_key"), 128)):
            raise BadNotice("not signed with our key")
        kind, transaction = identifier(news.get("transaction_status"), 40), identifier(news.get("transaction_id"), 60)
        meaning, told = self.meaning(kind), [transaction, code, kind]
        about = order_id
        if meaning is Meaning.REFUND:
            refund_key = identifier(refunds.newest_key(news), 60)
            about = refunds.external_id_of(order_id, refund_key)
            told.append(hashlib.sha256(refund_key.encode()).hexdigest()[:16])
        elif kind == "capture":
            told.append(str(news.get("fraud_status"))[:9])
        return Notice(
            event_id=identifier(":".join(told), 120),
            kind=kind,
            livemode=self.livemode,
            attempt_key=key_of(order_id)[:40],
            external_id=identifier(about, 120),
            meaning=meaning,
        )


def _order_id(attempt: AttemptFacts) -> str:
    """The name under which we opened this attempt's page. Raises Refused for a page that is not this attempt's."""
    body = attempt.request.get("body")
    order_id = str(body["transaction_details"]["order_id"]) if isinstance(body, dict) else ""
    if not order_id or attempt.external_id not in (None, order_id):
        raise Refused(f"{attempt.external_id} is no page of this attempt")
    return order_id


def _object(body: bytes) -> dict[str, Any]:
    try:
        news = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadNotice("not JSON") from error
    if not isinstance(news, dict):
        raise BadNotice("not an object")
    return news
