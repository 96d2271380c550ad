"""The HTTP side of Midtrans' stand-in: Basic auth, JSON, and the hosted page for browsers."""

from __future__ import annotations

import base64
import html
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from .stripe_http import Handler

if TYPE_CHECKING:
    from .midtrans_server import MidtransServer


class No(Exception):
    """A refusal of the API, with the status that Midtrans gives it."""

    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message


class MidtransHandler(Handler):
    hosted = "/snap/v4/redirection/"

    def act(self, method: str, path: str, text: str) -> tuple[int, Any]:
        server: MidtransServer = self.server.stand_in
        server.requests.append((method, path))
        is_snap = path.startswith("/snap/")
        if not self._may(server.server_key):
            return self._refusal(No(401, "Access denied due to unauthorized transaction."), is_snap)
        body: Any = None
        if method == "POST":
            if self.headers.get("Content-Type") != "application/json":
                server.findings.append(f"{path}: {self.headers.get('Content-Type')} instead of JSON")
            try:
                body = json.loads(text)
            except ValueError:
                return self._refusal(No(400, "malformed JSON"), is_snap)
        try:
            return server.answer(method, path, body)
        except No as no:
            return self._refusal(no, is_snap)

    def _may(self, server_key: str) -> bool:
        wanted = base64.b64encode(f"{server_key}:".encode()).decode()
        return bool(self.headers.get("Authorization") == f"Basic {wanted}")

    def _refusal(self, no: No, is_snap: bool) -> tuple[int, dict[str, Any]]:
        """Snap speaks in HTTP; the API says it in the body, and in HTTP too where the account is a newer one."""
        if is_snap:
            return no.status, {"error_messages": [no.message]}
        body = {
            "status_code": str(no.status),
            "status_message": no.message,
            "id": "b1d8a0c0-0000-4000-8000-000000000000",
        }
        return (200 if self.server.stand_in.speaks_in_body else no.status), body

    def trouble(self, status: int, message: str) -> dict[str, Any]:
        return {"status_code": str(status), "status_message": message}

    # The hosted page ------------------------------------------------------------------------------------------------

    def hosted_page(self, method: str, name: str, body: str) -> None:
        server: MidtransServer = self.server.stand_in
        page = server.pages.get(name)
        if page is None:
            self.html(404, "<h1>Whether the transaction is not available, or you typed in the wrong URL.</h1>")
        elif method == "GET":
            self.html(200, _page(page))
        else:
            self._choose(server, page, parse_qs(body).get("outcome", [""])[0])

    def _choose(self, server: MidtransServer, page: dict[str, Any], outcome: str) -> None:
        acts = {"pay": server.pay, "later": server.choose, "decline": server.decline}
        try:
            transaction = acts[outcome](page["order_id"])
        except No as no:
            self.html(400, f"<h1>{html.escape(no.message)}</h1>")
            return
        told = {name: transaction[name] for name in ("order_id", "status_code", "transaction_status")}
        self.see_other(f"{page['request']['callbacks']['finish']}?{urlencode(told)}")


def _page(page: dict[str, Any]) -> str:
    if page["is_canceled"]:
        return "<h1>This page is closed</h1>"
    buttons = "".join(f"<button name=outcome value={value}>{value}</button>" for value in ("pay", "later", "decline"))
    total = page["request"]["transaction_details"]["gross_amount"]
    return f"<h1>Pay Rp {total}</h1><form method=post>{buttons}</form>"
