"""Calling Midtrans: over HTTP, bounded in time, telling an answer from none; and how it counts money."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from marketplace.core.money import Money

from .. import ProcessorDown

log = logging.getLogger(__name__)

CURRENCY = "IDR"
UNUSABLE = (401, 403, 409, 429)  # the key is wrong, or it is busy: nothing is known, asking again later may do
_RUPIAH = re.compile(r"(\d{1,15})(?:\.0+)?")


def rupiah(text: object) -> Money:
    """Midtrans writes whole rupiah as '24145.00', and takes them as 24145.

    Raises:
        ProcessorDown: it is no whole number of rupiah.
    """
    found = _RUPIAH.fullmatch(text) if isinstance(text, str) and text.isascii() else None
    if found is None:
        raise ProcessorDown(f"an amount that cannot be ours: {text!r}")
    return Money(int(found[1]), CURRENCY)


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` is the body's own status_code where it has one: the API may say 404 inside a 200."""

    code: int
    body: Mapping[str, Any]

    @property
    def says(self) -> str:
        """Why not, in Midtrans' words."""
        messages = self.body.get("error_messages") or self.body.get("validation_messages")
        if isinstance(messages, list):
            return "; ".join(str(message) for message in messages)[:200]
        return str(self.body.get("status_message", ""))[:200]


class Api:
    """One account at Midtrans."""

    def __init__(self, server_key: str, *, timeout: tuple[float, float], retries: int) -> None:
        """`timeout` is (connect, read) in seconds."""
        self._server_key, self._timeout, self._retries = server_key, timeout, retries

    def act(self) -> Calls:
        """Calls that belong together: however many, they take no longer than one with all its retries."""
        return Calls(self, time.monotonic() + (self._retries + 1) * sum(self._timeout))

    def call(self, method: str, address: str, body: Mapping[str, Any] | None, until: float) -> Answer:
        """An answer that can be used. No connection, no time or a 5xx is tried again.

        Raises:
            ProcessorDown: there was none; it may have acted.
        """
        problem = "no time was left"
        for _try in range(self._retries + 1):
            left = until - time.monotonic()
            if left <= 0:
                break
            try:
                response = requests.request(
                    method,
                    address,
                    json=body,
                    auth=(self._server_key, ""),
                    headers={"Accept": "application/json"},
                    timeout=(min(self._timeout[0], left), min(self._timeout[1], left)),
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                problem = f"{type(error).__name__}: {error}"
                continue
            answer = _read(response)
            if answer.code < 500:
                return _usable(answer)
            problem = f"{answer.code} {answer.says}"
        raise ProcessorDown(problem)


class Calls:
    """The calls of one act, which share their time."""

    def __init__(self, api: Api, until: float) -> None:
        self._api, self._until = api, until

    def get(self, address: str) -> Answer:
        return self._api.call("GET", address, None, self._until)

    def post(self, address: str, body: Mapping[str, Any] | None = None) -> Answer:
        return self._api.call("POST", address, body or {}, self._until)


def _read(response: requests.Response) -> Answer:
    try:
        body = response.json()
    except (ValueError, RecursionError) as error:
        if response.status_code >= 500:
            return Answer(response.status_code, {})
        raise ProcessorDown(f"rubbish from Midtrans, with {response.status_code}") from error
    if not isinstance(body, dict):
        raise ProcessorDown(f"no object from Midtrans, with {response.status_code}")
    code = body.get("status_code")
    said = int(code) if isinstance(code, str) and re.fullmatch(r"[1-5]\d\d", code) else response.status_code
    return Answer(max(said, response.status_code) if response.status_code >= 500 else said, body)


def _usable(answer: Answer) -> Answer:
    if answer.code in (401, 403):
        log.critical("Midtrans does not accept our key: %s", answer.says)
    if answer.code in UNUSABLE or 300 <= answer.code < 400:
        raise ProcessorDown(f"{answer.code} {answer.says}")
    return answer
