"""A stand-in for Stripe's API: hosted Checkout with PaymentIntents, charges and balance transactions, over real HTTP.

Every request and reply is held against the stripe library's own types; `findings` must stay empty. Switches (`fail`)
make it slow, absent-minded or rude. `http://…/pay/<session>` is its hosted page, for browsers.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import stripe
import stripe.checkout
from stripe.params.checkout import SessionCreateParams, SessionExpireParams, SessionRetrieveParams

from . import stripe_balance, stripe_connect, stripe_disputes, stripe_refunds
from .stripe_http import ApiError, Fault, HttpServer
from .stripe_shapes import balance_of, charge_of, intent_of, session_of
from .stripe_types import reply_findings, request_findings

PARTS = (stripe_refunds, stripe_disputes, stripe_balance, stripe_connect)
API_VERSION = "2026-10-28.endive"
Deliver = Callable[[bytes, dict[str, str]], int]


class StripeServer:
    """Start with `with StripeServer() as stripe_server:`; `url` is STRIPE_API_BASE."""

    def __init__(self, *, port: int = 0, livemode: bool = False, webhook_secret: str = "whsec_test") -> None:
        self.livemode, self.webhook_secret = livemode, webhook_secret
        self.lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._clock: Callable[[], float] = time.time
        self.reset()
        self.http = HttpServer(("127.0.0.1", port), self)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def reset(self) -> None:
        """Forget everything but the numbers that were given out."""
        self.sessions: dict[str, dict[str, Any]] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.charges: dict[str, dict[str, Any]] = {}
        self.balance: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.disputes: dict[str, dict[str, Any]] = {}
        self.accounts: dict[str, dict[str, Any]] = {}  # of workshops
        self.transfers: dict[str, dict[str, Any]] = {}
        self.delivered: set[str] = set()  # events that the shop has taken
        self.refunds_wait = False  # True: a bank takes days for each new refund
        self.page_limit = 100  # at most so many rows of a list at once
        self.events: list[dict[str, Any]] = []
        self._untold: list[dict[str, Any]] = []
        self.kept: dict[str, tuple[str, int, dict[str, Any]]] = {}  # idempotency: key -> (parameters, status, body)
        self.requests: list[tuple[str, str]] = []
        self.faults: deque[Fault] = deque()
        self.findings: list[str] = []
        self.deliver: Deliver | None = None  # where events go when they happen; None: they wait in `events`

    def __enter__(self) -> StripeServer:
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.http.shutdown()
        self.http.server_close()

    # Switches -------------------------------------------------------------------------------------------------------

    def fail(self, kind: str, *, times: int = 1, **how: Any) -> None:
        self.faults.extend(Fault(kind, **how) for _ in range(times))

    def take_fault(self, method: str, path: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if path.startswith(fault.path) and fault.method in ("", method):
                    self.faults.remove(fault)
                    return fault
        return None

    def count(self, method: str, path: str) -> int:
        """How often an address was asked for, `path` being its beginning."""
        return sum(1 for verb, asked in self.requests if verb == method and asked.startswith(path))

    # What buyers and banks do ---------------------------------------------------------------------------------------

    def pay(self, session_id: str, *, amount: int | None = None) -> dict[str, Any]:
        """The bank says yes. `amount`: what really came in, where that is not what was asked."""
        with self._acting():
            session = self._open_session(session_id)
            intent = self._intent(session)
            self._succeed(session, intent, amount)
            return self._tell("checkout.session.completed", session)

    def pay_later(self, session_id: str) -> dict[str, Any]:
        """A delayed method: the page is done, the money is not here yet."""
        with self._acting():
            session = self._open_session(session_id)
            intent = self._intent(session)
            intent["status"] = "processing"
            session.update(status="complete", payment_status="unpaid", url=None)
            return self._tell("checkout.session.completed", session)

    def money_arrives(self, session_id: str) -> dict[str, Any]:
        with self._acting():
            session = self.sessions[session_id]
            self._succeed(session, self.intents[session["payment_intent"]], None)
            return self._tell("checkout.session.async_payment_succeeded", session)

    def money_fails(self, session_id: str) -> dict[str, Any]:
        with self._acting():
            session = self.sessions[session_id]
            self.intents[session["payment_intent"]]["status"] = "requires_payment_method"
            return self._tell("checkout.session.async_payment_failed", session)

    def decline(self, session_id: str) -> dict[str, Any]:
        """A card is refused; the page stays open."""
        with self._acting():
            intent = self._intent(self._open_session(session_id))
            intent["status"] = "requires_payment_method"
            return self._tell("payment_intent.payment_failed", intent)

    def run_out(self, session_id: str) -> dict[str, Any]:
        """The page's time is over."""
        with self._acting():
            session = self._open_session(session_id)
            session.update(status="expired", url=None)
            return self._tell("checkout.session.expired", session)

    def _open_session(self, session_id: str) -> dict[str, Any]:
        session = self.sessions[session_id]
        if session["status"] != "open":
            raise ApiError(400, f"This Session is {session['status']}.")
        return session

    def _intent(self, session: dict[str, Any]) -> dict[str, Any]:
        if session["payment_intent"]:
            return self.intents[session["payment_intent"]]
        intent = intent_of(self._name("pi"), session, self.livemode, int(self._clock()))
        session["payment_intent"] = intent["id"]
        self.intents[intent["id"]] = intent
        return intent

    def _succeed(self, session: dict[str, Any], intent: dict[str, Any], amount: int | None) -> None:
        received = session["amount_total"] if amount is None else amount
        balance = balance_of(self._name("txn"), received, intent["currency"], int(self._clock()))
        charge = charge_of(self._name("ch"), intent, balance, received)
        balance["source"] = charge["id"]
        self.balance[balance["id"]], self.charges[charge["id"]] = balance, charge
        intent.update(status="succeeded", amount_received=received, latest_charge=charge["id"])
        session.update(status="complete", payment_status="paid", url=None)

    # Messages -------------------------------------------------------------------------------------------------------

    def _tell(self, kind: str, about: dict[str, Any]) -> dict[str, Any]:
        event = {
            "id": self._name("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": int(self._clock()),
            "data": {"object": json.loads(json.dumps(about))},
            "livemode": self.livemode,
            "pending_webhooks": 1,
            "request": None,
            "type": kind,
        }
        self.findings += [f"event {kind}: {line}" for line in reply_findings(stripe.Event, event)]
        self.events.append(event)
        self._untold.append(event)
        return event

    @contextmanager
    def _acting(self) -> Iterator[None]:
        """Act under lock; what happened is told afterwards, because the shop asks back before it answers."""
        with self.lock:
            yield
            news, self._untold = self._untold, []
        if self.deliver is not None:
            for event in news:
                self.send(event)

    def send(self, event: dict[str, Any]) -> int:
        """Deliver an event (again); the status of the answer."""
        assert self.deliver is not None, "nobody listens"
        body = json.dumps(event).encode()
        status = self.deliver(body, self.signed(body))
        if status < 300:
            self.delivered.add(event["id"])
        return status

    def signed(self, body: bytes, *, secret: str | None = None, at: float | None = None) -> dict[str, str]:
        """The header of a message, made as Stripe documents it, not by the library that reads it."""
        stamp = int(self._clock() if at is None else at)
        key = (secret or self.webhook_secret).encode()
        mac = hmac.new(key, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {"Stripe-Signature": f"t={stamp},v1={mac}", "Content-Type": "application/json; charset=utf-8"}

    def deliver_to(self, address: str) -> None:
        """Send what happens to a shop that listens on this machine, after the fact and besides the answer."""

        def post(body: bytes, headers: dict[str, str]) -> int:
            request = urllib.request.Request(address, data=body, headers=headers, method="POST")
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)

        self.deliver = post

    # The API --------------------------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, form: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        """Act on a request; an idempotency key gives its first answer again, errors of an executed request included."""
        with self._acting():
            self.requests.append((method, path))
            fingerprint = json.dumps([method, path, form], sort_keys=True)
            if key and key in self.kept:
                before, status, body = self.kept[key]
                if before != fingerprint:
                    raise ApiError(400, "Keys for idempotent requests can only be used once", "idempotency_error")
                return status, body
            try:
                status, body = 200, json.loads(json.dumps(self._route(method, path, form)))
            except ApiError as error:
                status, body = error.status, error.body
            if key:
                self.kept[key] = (fingerprint, status, body)
            return status, body

    def _route(self, method: str, path: str, form: dict[str, Any]) -> dict[str, Any]:
        parts = path.strip("/").split("/")
        if parts[:3] == ["v1", "checkout", "sessions"]:
            if method == "POST" and len(parts) == 3:
                return self._create(form)
            session = self.sessions.get(parts[3]) if len(parts) > 3 else None
            if session is None:
                raise ApiError(404, "No such checkout.session", code="resource_missing")
            if method == "GET" and len(parts) == 4:
                return self._retrieve(session, form)
            if method == "POST" and parts[4:] == ["expire"]:
                return self._expire(session, form)
        for part in PARTS:
            answer = part.route(self, method, parts, form)
            if answer is not None:
                return answer
        raise ApiError(404, f"Unrecognized request URL ({method}: {path})")

    def _create(self, form: dict[str, Any]) -> dict[str, Any]:
        self._check_request(SessionCreateParams, form)
        now = int(self._clock())
        expires_at = form.get("expires_at", now + 24 * 3600)
        if not now + 30 * 60 <= expires_at <= now + 24 * 3600:
            raise ApiError(400, "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.")
        if not 1 <= len(form.get("line_items", [])) <= 100:
            raise ApiError(400, "line_items must hold 1 to 100 items")
        session_id = self._name("cs_live" if self.livemode else "cs_test")
        session = session_of(session_id, form, self.livemode, now, f"{self.url}/pay/{session_id}")
        self.sessions[session_id] = session
        return self._reply(session)

    def _retrieve(self, session: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
        self._check_request(SessionRetrieveParams, form)
        shown = dict(session)
        if session["payment_intent"] and form.get("expand"):
            intent = dict(self.intents[session["payment_intent"]])
            if intent["latest_charge"]:
                charge = dict(self.charges[intent["latest_charge"]])
                charge["balance_transaction"] = self.balance[charge["balance_transaction"]]
                intent["latest_charge"] = charge
            shown["payment_intent"] = intent
        return self._reply(shown)

    def _expire(self, session: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
        self._check_request(SessionExpireParams, form)
        if session["status"] != "open":
            raise ApiError(400, 'Only Checkout Sessions with a status in ["open"] can be expired.')
        session.update(status="expired", url=None)
        self._tell("checkout.session.expired", session)
        return self._reply(session)

    def _check_request(self, kind: Any, form: dict[str, Any]) -> None:
        found = request_findings(kind, form)
        self.findings += [f"request: {line}" for line in found]
        if found:
            raise ApiError(400, f"Received unknown or wrong parameters: {found}")

    def _reply(self, session: dict[str, Any]) -> dict[str, Any]:
        self.findings += [f"reply: {line}" for line in reply_findings(stripe.checkout.Session, session)]
        return session

    def _name(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):06d}{id(self) % 10**6:06d}"
