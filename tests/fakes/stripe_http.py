"""The HTTP side of the processors' stand-ins: faults, the API's frame, and Stripe's hosted page for browsers."""

from __future__ import annotations

import html
import json
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, urlsplit

from .stripe_types import decode_form

if TYPE_CHECKING:
    from .stripe_server import StripeServer


@dataclass
class Fault:
    """What happens to the next request whose address begins with `path`.

    `kind`: 'status' (answers `status` without acting), 'broken' (acts, answers `status`), 'rubbish' (answers `body`),
    'late' (acts, answers after `seconds`), 'stuck' (waits `seconds` and does not act), 'lost' (acts, hangs up).
    """

    kind: str
    path: str = "/v1/"
    method: str = ""
    status: int = 503
    body: bytes = b"<html>not json</html>"
    seconds: float = 0
    headers: dict[str, str] = field(default_factory=dict)


class ApiError(Exception):
    def __init__(self, status: int, message: str, kind: str = "invalid_request_error", code: str = "") -> None:
        self.status = status
        self.body = {"error": {"type": kind, "message": message, "code": code or None, "param": None}}


class StandIn(Protocol):
    """What a stand-in offers to its HTTP side."""

    requests: list[tuple[str, str]]

    def take_fault(self, method: str, path: str) -> Fault | None: ...


class HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], stand_in: Any, handler: type[Handler] | None = None) -> None:
        self.stand_in = stand_in
        super().__init__(address, handler or StripeHandler)


class Handler(BaseHTTPRequestHandler):
    """One connection to a stand-in: a request acts, unless a fault says otherwise."""

    protocol_version = "HTTP/1.1"
    server: HttpServer
    hosted = "/pay/"  # how the addresses of hosted pages begin

    def act(self, method: str, path: str, text: str) -> tuple[int, Any]:
        """The API's answer: status and body."""
        raise NotImplementedError

    def trouble(self, status: int, message: str) -> dict[str, Any]:
        """The body of a made-up failure."""
        raise NotImplementedError

    def hosted_page(self, method: str, name: str, body: str) -> None:
        raise NotImplementedError

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        address = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode() if length else ""
        if address.path.startswith(self.hosted):
            self.hosted_page(method, address.path.removeprefix(self.hosted), body)
        else:
            self._api(method, address.path, address.query if method == "GET" else body)

    def _api(self, method: str, path: str, text: str) -> None:
        stand_in: StandIn = self.server.stand_in
        fault = stand_in.take_fault(method, path)
        if fault is not None and fault.kind in ("status", "rubbish", "stuck"):
            stand_in.requests.append((method, path))
            time.sleep(fault.seconds)
            if fault.kind == "rubbish":
                self._write(200, fault.body, fault.headers)
            elif fault.kind == "status":
                error = self.trouble(fault.status, f"made to answer {fault.status}")
                self._write(fault.status, json.dumps(error).encode(), fault.headers)
            return
        status, body = self.act(method, path, text)
        if fault is not None and fault.kind == "lost":
            self.close_connection = True
            return
        if fault is not None and fault.kind == "late":
            time.sleep(fault.seconds)
        if fault is not None and fault.kind == "broken":
            status, body = fault.status, self.trouble(fault.status, "broken after acting")
        self._write(status, json.dumps(body).encode(), fault.headers if fault else {})

    def _write(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Request-Id", "req_standin")
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the caller has given up

    def html(self, status: int, text: str) -> None:
        body = f"<!doctype html><html lang=en><title>Stand-in checkout</title><body>{text}".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def see_other(self, address: str) -> None:
        self.send_response(303)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()


class StripeHandler(Handler):
    def act(self, method: str, path: str, text: str) -> tuple[int, Any]:
        key = self.headers.get("Idempotency-Key", "") if method == "POST" else ""
        stripe_server: StripeServer = self.server.stand_in
        try:
            return stripe_server.answer(method, path, decode_form(text), key)
        except ApiError as error:
            return error.status, error.body

    def trouble(self, status: int, message: str) -> dict[str, Any]:
        return {"error": {"type": "api_error", "message": message}}

    # The hosted page ------------------------------------------------------------------------------------------------

    def hosted_page(self, method: str, name: str, body: str) -> None:
        session = self.server.stand_in.sessions.get(name)
        if session is None:
            self.html(404, "<h1>No such page</h1>")
        elif method == "GET":
            self.html(200, _page(session))
        else:
            self._choose(session, parse_qs(body).get("outcome", [""])[0])

    def _choose(self, session: dict[str, Any], outcome: str) -> None:
        server: StripeServer = self.server.stand_in
        acts = {"pay": server.pay, "later": server.pay_later, "decline": server.decline}
        try:
            acts[outcome](session["id"])
        except ApiError as error:
            self.html(400, f"<h1>{html.escape(error.body['error']['message'])}</h1>")
            return
        if outcome == "decline":
            self.html(200, "<p role=alert>Your card was declined.</p>" + _page(session))
            return
        self.see_other(session["success_url"])


def _page(session: dict[str, Any]) -> str:
    if session["status"] != "open":
        return "<h1>This page is no longer open</h1>"
    buttons = "".join(f"<button name=outcome value={value}>{value}</button>" for value in ("pay", "decline", "later"))
    total = f"{session['amount_total']} {html.escape(session['currency'])}"
    back = html.escape(session["cancel_url"] or "")
    return f"<h1>Pay {total}</h1><form method=post>{buttons}</form><a href='{back}'>Back</a>"
