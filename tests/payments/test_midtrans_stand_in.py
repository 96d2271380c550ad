"""The stand-in for Midtrans finds fault with what Midtrans does not document: without this, silence proves nothing."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.fakes.midtrans_checks import page_findings, refund_findings
from tests.fakes.midtrans_server import MidtransServer

ITEM = {"id": "1", "price": 10_000, "quantity": 2, "name": "Cincin"}
PAGE: dict[str, Any] = {
    "transaction_details": {"order_id": "PC-1-a", "gross_amount": 20_000},
    "item_details": [ITEM],
    "customer_details": {"email": "ayu@example.com"},
    "enabled_payments": ["bca_va"],
    "credit_card": {"secure": True},
    "expiry": {"start_time": "2026-11-24 19:00:00 +0700", "unit": "minute", "duration": 35},
    "page_expiry": {"unit": "minute", "duration": 35},
    "callbacks": {"finish": "http://127.0.0.1/back"},
}
REFUND = {"refund_key": "pc-1", "amount": 5_000, "reason": "Order PC-1"}


def test_what_is_documented_is_taken() -> None:
    assert page_findings(PAGE) == []
    assert refund_findings(REFUND) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"transaction_details": {"order_id": "PC-1-a", "gross_amount": 20_001}},
        {"transaction_details": {"order_id": "PC-1-a", "gross_amount": "20000"}},
        {"transaction_details": {"order_id": "PC-1-a", "gross_amount": 20_000.0}},
        {"transaction_details": {"order_id": "PC 1", "gross_amount": 20_000}},
        {"transaction_details": {"order_id": "x" * 51, "gross_amount": 20_000}},
        {"item_details": []},
        {"item_details": [{**ITEM, "price": 10_000.5}]},
        {"item_details": [{**ITEM, "quantity": 0}]},
        {"item_details": [{**ITEM, "name": "x" * 51}]},
        {"enabled_payments": []},
        {"enabled_payments": ["bca_va", "bca_va"]},
        {"enabled_payments": ["cowrie_shells"]},
        {"credit_card": {"secure": False}},
        {"expiry": {"start_time": "2026-11-24T19:00:00Z", "unit": "minute", "duration": 35}},
        {"expiry": {"start_time": "2026-11-24 19:00:00 +0700", "unit": "moon", "duration": 35}},
        {"page_expiry": {"unit": "minute", "duration": 4}},
        {"callbacks": {"finish": "javascript:alert(1)"}},
        {"customer_details": {}},
        {"currency": "IDR"},
    ],
)
def test_anything_else_about_a_page_is_found(wrong: dict[str, Any]) -> None:
    assert len(page_findings({**PAGE, **wrong})) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"refund_key": "a b"}, {"refund_key": ""}, {"amount": 0}, {"amount": "5000"}, {"reason": "x" * 256}, {"to": "me"}],
)
def test_anything_else_about_a_refund_is_found(wrong: dict[str, Any]) -> None:
    assert len(refund_findings({**REFUND, **wrong})) == 1


def test_who_may_ask_and_what_an_order_id_can_do_twice(midtrans_server: MidtransServer) -> None:
    address = f"{midtrans_server.url}/snap/v1/transactions"

    def ask(**auth: Any) -> requests.Response:
        return requests.post(address, json=PAGE, timeout=5, **auth)

    assert [ask().status_code, ask(auth=("wrong", "")).status_code] == [401, 401]
    key = (midtrans_server.server_key, "")
    assert ask(auth=(key[0], "a password")).status_code == 401
    first, second = ask(auth=key), ask(auth=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["token"] != second.json()["token"]
    midtrans_server.choose("PC-1-a")
    assert ask(auth=key).json() == {"error_messages": ["transaction_details.order_id has already been taken"]}


def test_another_request_under_one_order_id_is_found(midtrans_server: MidtransServer) -> None:
    key = (midtrans_server.server_key, "")
    for email in ("ayu@example.com", "budi@example.com"):
        body = {**PAGE, "customer_details": {"email": email}}
        requests.post(f"{midtrans_server.url}/snap/v1/transactions", json=body, auth=key, timeout=5)
    assert midtrans_server.findings == ["page: another request under the order_id PC-1-a"]
    midtrans_server.findings.clear()
