"""The HTTP side of Stripe's stand-in: faults, the API's frame, and the hosted page for browsers."""

from __future__ import annotations

import html
import json
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
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


class HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], stripe_server: StripeServer) -> None:
        self.stripe_server = stripe_server
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HttpServer

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
        if address.path.startswith("/pay/"):
            self._hosted_page(method, address.path.removeprefix("/pay/"), body)
        else:
            self._api(method, address.path, address.query if method == "GET" else body)

    def _api(self, method: str, path: str, text: str) -> None:
        fault = self.server.stripe_server.take_fault(method, path)
        if fault is not None and fault.kind in ("status", "rubbish", "stuck"):
            self.server.stripe_server.requests.append((method, path))
            time.sleep(fault.seconds)
            if fault.kind == "rubbish":
                self._write(200, fault.body, fault.headers)
            elif fault.kind == "status":
                error = {"error": {"type": "api_error", "message": f"made to answer {fault.status}"}}
                self._write(fault.status, json.dumps(error).encode(), fault.headers)
            return
        try:
            key = self.headers.get("Idempotency-Key", "") if method == "POST" else ""
            status, body = self.server.stripe_server.answer(method, path, decode_form(text), key)
        except ApiError as error:
            status, body = error.status, error.body
        if fault is not None and fault.kind == "lost":
            self.close_connection = True
            return
        if fault is not None and fault.kind == "late":
            time.sleep(fault.seconds)
        if fault is not None and fault.kind == "broken":
            status, body = fault.status, {"error": {"type": "api_error", "message": "broken after acting"}}
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

    # The hosted page ------------------------------------------------------------------------------------------------

    def _hosted_page(self, method: str, session_id: str, body: str) -> None:
        session = self.server.stripe_server.sessions.get(session_id)
        if session is None:
            self._html(404, "<h1>No such page</h1>")
        elif method == "GET":
            self._html(200, _page(session))
        else:
            self._choose(session, parse_qs(body).get("outcome", [""])[0])

    def _choose(self, session: dict[str, Any], outcome: str) -> None:
        server = self.server.stripe_server
        acts = {"pay": server.pay, "later": server.pay_later, "decline": server.decline}
        try:
            acts[outcome](session["id"])
        except ApiError as error:
            self._html(400, f"<h1>{html.escape(error.body['error']['message'])}</h1>")
            return
        if outcome == "decline":
            self._html(200, "<p role=alert>Your card was declined.</p>" + _page(session))
            return
        self.send_response(303)
        self.send_header("Location", session["success_url"])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _html(self, status: int, text: str) -> None:
        body = f"<!doctype html><html lang=en><title>Stand-in checkout</title><body>{text}".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _page(session: dict[str, Any]) -> str:
    if session["status"] != "open":
        return "<h1>This page is no longer open</h1>"
    buttons = "".join(f"<button name=outcome value={value}>{value}</button>" for value in ("pay", "decline", "later"))
    total = f"{session['amount_total']} {html.escape(session['currency'])}"
    back = html.escape(session["cancel_url"] or "")
    return f"<h1>Pay {total}</h1><form method=post>{buttons}</form><a href='{back}'>Back</a>"
