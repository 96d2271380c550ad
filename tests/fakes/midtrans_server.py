"""A stand-in for Midtrans: Snap's hosted page, transactions, refunds and signed notices, over real HTTP.

It takes requests only as documented; what is not goes into `findings`, which must stay empty. Switches (`fail`) as at
Stripe's. An order_id may open several pages until one of them has begun a transaction: then it is taken.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import threading
import urllib.request
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from .midtrans_checks import page_findings, refund_findings
from .midtrans_http import MidtransHandler, No
from .midtrans_shapes import found, kind_of, left_of, refund_of, refund_reply, stamp, transaction_of
from .stripe_http import Fault, HttpServer

SANDBOX_KEY = "SB-Mid-server-of-the-stand-in"
CODES = {"pending": "201", "deny": "202", "expire": "202", "cancel": "200", "failure": "202"}
REFUNDABLE = ("credit_card", "gopay", "shopeepay", "qris", "akulaku", "kredivo")
CANNOT = "Merchant cannot modify the status of the transaction"
Deliver = Callable[[bytes, dict[str, str]], int]


class MidtransServer:
    """Start with `with MidtransServer() as server:`; `url` is MIDTRANS_API_BASE and MIDTRANS_SNAP_BASE."""

    def __init__(self, *, port: int = 0, server_key: str = SANDBOX_KEY) -> None:
        self.server_key = server_key
        self.lock = threading.RLock()
        self._numbers = itertools.count(1)
        self.reset()
        self.http = HttpServer(("127.0.0.1", port), self, MidtransHandler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def reset(self) -> None:
        """Forget everything but the numbers that were given out."""
        self.pages: dict[str, dict[str, Any]] = {}  # by token
        self.transactions: dict[str, dict[str, Any]] = {}  # by order_id
        self.events: list[dict[str, Any]] = []
        self._untold: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.faults: deque[Fault] = deque()
        self.findings: list[str] = []
        self.deliver: Deliver | None = None  # where notices go when something happens; None: they wait in `events`
        self.speaks_in_body = False  # errors as 200 with a status_code, as older accounts have them
        self.is_poor = False  # the merchant's balance there is too small for a refund

    def __enter__(self) -> MidtransServer:
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.http.shutdown()
        self.http.server_close()

    # Switches -------------------------------------------------------------------------------------------------------

    def fail(self, kind: str, *, times: int = 1, path: str = "/", **how: Any) -> None:
        self.faults.extend(Fault(kind, path=path, **how) for _ in range(times))

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

    # What buyers, banks and people at Midtrans do -------------------------------------------------------------------

    def choose(self, order_id: str, kind: str = "", **facts: Any) -> dict[str, Any]:
        """A buyer chooses how to pay: an account number or a code is shown, and nothing is paid yet."""
        with self._acting():
            return self._move(self._begin(order_id, kind, facts), "pending")

    def pay(
        self, order_id: str, kind: str = "", *, amount: int | None = None, is_late: bool = False, **facts: Any
    ) -> dict[str, Any]:
        """The money is here. `amount`: what really came in, where that is not what was asked; `is_late`: although the
        page had been closed in that second."""
        with self._acting():
            transaction = self.transactions.get(order_id) or self._begin(order_id, kind, facts, is_late=is_late)
            if transaction["transaction_status"] not in ("", "pending", "deny", "expire", "authorize"):
                raise No(400, f"The transaction is {transaction['transaction_status']}.")
            if amount is not None:
                transaction["gross_amount"] = f"{amount}.00"
            is_card = transaction["payment_type"] == "credit_card"
            return self._move(transaction, "capture" if is_card else "settlement")

    def settle(self, order_id: str) -> dict[str, Any]:
        """The day after: a captured card is settled."""
        return self.become(order_id, "settlement")

    def challenge(self, order_id: str) -> dict[str, Any]:
        """A card is captured, but a person has to look at it."""
        with self._acting():
            return self._move(self._begin(order_id, "credit_card", {}), "capture", fraud_status="challenge")

    def accept(self, order_id: str) -> dict[str, Any]:
        return self.become(order_id, "capture", fraud_status="accept")

    def decline(self, order_id: str) -> dict[str, Any]:
        with self._acting():
            return self._move(self._begin(order_id, "credit_card", {}), "deny", fraud_status="deny")

    def become(self, order_id: str, status: str, **facts: Any) -> dict[str, Any]:
        """Anything else of the documented cycle: expire, deny, cancel, chargeback, …"""
        with self._acting():
            return self._move(self.transactions[order_id], status, **facts)

    def run_out(self, order_id: str) -> dict[str, Any]:
        """A way was chosen and its time is over."""
        with self._acting():
            chosen = self.transactions.get(order_id) or self._move(self._begin(order_id, "", {}), "pending")
            return self._move(chosen, "expire")

    def refund_in_dashboard(self, order_id: str, amount: int) -> dict[str, Any]:
        with self._acting():
            return self._refund(self.transactions[order_id], f"dash-{next(self._numbers)}", amount, "")

    def _begin(self, order_id: str, kind: str, facts: dict[str, Any], *, is_late: bool = False) -> dict[str, Any]:
        pages = [page for page in self.pages.values() if page["order_id"] == order_id]
        before = self.transactions.get(order_id)
        if not pages or (all(page["is_canceled"] for page in pages) and not is_late):
            raise No(400, "This page is closed.")
        if before is not None and before["transaction_status"] != "deny":
            raise No(406, "Duplicate order ID. Order ID has already been utilized previously")
        return self._write(pages[0]["request"], kind or kind_of(pages[0]["request"].get("enabled_payments")), facts)

    def _write(self, request: dict[str, Any], kind: str, facts: dict[str, Any]) -> dict[str, Any]:
        transaction = transaction_of(request, kind, facts)
        self.transactions[transaction["order_id"]] = transaction
        return transaction

    def _move(self, transaction: dict[str, Any], status: str, **facts: Any) -> dict[str, Any]:
        transaction.update(transaction_status=status, status_code=CODES.get(status, "200"), **facts)
        if status == "capture" and transaction["fraud_status"] == "challenge":
            transaction["status_code"] = "201"
        if status == "settlement":
            transaction["settlement_time"] = stamp()
        self._tell(transaction)
        return transaction

    # Notices --------------------------------------------------------------------------------------------------------

    def _tell(self, transaction: dict[str, Any]) -> None:
        news = self.signed({**json.loads(json.dumps(transaction)), "status_message": "midtrans payment notification"})
        self.events.append(news)
        self._untold.append(news)

    def signed(self, news: dict[str, Any], *, server_key: str | None = None) -> dict[str, Any]:
        """With the signature that Midtrans documents, made here and not by the code that reads it."""
        parts = f"{news['order_id']}{news['status_code']}{news['gross_amount']}{server_key or self.server_key}"
        return {**news, "signature_key": hashlib.sha512(parts.encode()).hexdigest()}

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
        """Deliver a notice (again); the status of the answer."""
        assert self.deliver is not None, "nobody listens"
        return self.deliver(json.dumps(event).encode(), {"Content-Type": "application/json"})

    def deliver_to(self, address: str) -> None:
        """Send what happens to a shop that listens on this machine, after the fact and besides the answer."""

        def post(body: bytes, headers: dict[str, str]) -> int:
            request = urllib.request.Request(address, data=body, headers=headers, method="POST")
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)

        self.deliver = post

    # The API --------------------------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        parts = path.strip("/").split("/")
        with self._acting():
            if method == "POST" and parts == ["snap", "v1", "transactions"]:
                return 201, self._open(body)
            if method == "POST" and parts[:3] == ["snap", "v1", "transactions"] and parts[4:] == ["cancel"]:
                return 200, self._close(parts[3])
            transaction = self.transactions.get(parts[1]) if len(parts) > 2 and parts[0] == "v2" else None
            if transaction is None:
                raise No(404, "Transaction doesn't exist.")
            acts = {("GET", "status"): found, ("POST", "expire"): self._expire, ("POST", "cancel"): self._cancel}
            act = acts.get((method, "/".join(parts[2:])))
            if act is not None:
                return 200, act(transaction)
            if method == "POST" and parts[2:] == ["refund", "online", "direct"]:
                return 200, self._refund_direct(transaction, body)
        raise No(404, f"no such address: {method} {path}")

    def _open(self, body: Any) -> dict[str, Any]:
        self._check("page", page_findings(body))
        order_id = body["transaction_details"]["order_id"]
        if order_id in self.transactions:
            raise No(400, "transaction_details.order_id has already been taken")
        if any(page["order_id"] == order_id and page["request"] != body for page in self.pages.values()):
            self.findings.append(f"page: another request under the order_id {order_id}")
        token = str(uuid.uuid4())
        self.pages[token] = {"order_id": order_id, "request": body, "is_canceled": False}
        return {"token": token, "redirect_url": f"{self.url}/snap/v4/redirection/{token}"}

    def _check(self, what: str, wrong: list[str]) -> None:
        self.findings += [f"{what}: {line}" for line in wrong]
        if wrong:
            raise No(400, "; ".join(wrong))

    def _close(self, token: str) -> dict[str, Any]:
        page = self.pages.get(token)
        if page is None:
            raise No(404, "token not found")
        if page["is_canceled"]:
            raise No(400, "token already canceled")
        if self.transactions.get(page["order_id"], {}).get("transaction_status") == "pending":
            raise No(400, "Transaction is in progress")
        page["is_canceled"] = True
        return {"canceled_at": datetime.now(UTC).isoformat()}

    def _expire(self, transaction: dict[str, Any]) -> dict[str, Any]:
        if transaction["transaction_status"] != "pending" or transaction.get("keeps_pending"):
            raise No(412, CANNOT)
        return {**found(self._move(transaction, "expire")), "status_code": "407"}

    def _cancel(self, transaction: dict[str, Any]) -> dict[str, Any]:
        if transaction["transaction_status"] not in ("pending", "capture") or transaction.get("keeps_pending"):
            raise No(412, CANNOT)
        return found(self._move(transaction, "cancel"))

    def _refund_direct(self, transaction: dict[str, Any], body: Any) -> dict[str, Any]:
        found = refund_findings(body)
        self.findings += [f"refund: {line}" for line in found]
        if found:
            raise No(400, "; ".join(found))
        kept = next(
            (entry for entry in transaction.get("refunds", []) if entry["refund_key"] == body["refund_key"]), None
        )
        if kept is not None:
            return refund_reply(transaction, kept)
        if transaction["payment_type"] not in REFUNDABLE or transaction.get("keeps_money"):
            raise No(412, "Payment channel does not support refund")
        if transaction["transaction_status"] not in ("settlement", "partial_refund"):
            raise No(412, CANNOT)
        if body["amount"] > left_of(transaction):
            raise No(412, "Refund amount is larger than what is left")
        if self.is_poor:
            raise No(414, "Refund request is rejected due to merchant insufficient funds")
        return self._refund(transaction, body["refund_key"], body["amount"], body.get("reason", ""))

    def _refund(self, transaction: dict[str, Any], key: str, amount: int, reason: str) -> dict[str, Any]:
        entry = refund_of(next(self._numbers), key, amount, reason)
        transaction.setdefault("refunds", []).append(entry)
        self._move(transaction, "partial_refund" if left_of(transaction) else "refund")
        return refund_reply(transaction, entry)
