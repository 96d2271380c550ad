"""Filling in the checkout as a browser without script does: what the page holds is what is sent."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient

MAYA = {
    "email": "maya.chen@example.com",
    "name": "Maya Chen",
    "street": "18 Lygon Street",
    "city": "Melbourne",
    "state": "VIC",
    "postcode": "3053",
    "phone": "+61 400 000 000",
}
AYU = {
    "email": "ayu@example.com",
    "name": "Ayu Lestari",
    "phone": "0812 3456 7890",
    "street": "Jalan Kemang Timur 14, RT 05/RW 02",
    "district": "Mampang Prapatan",
    "city": "Jakarta Selatan",
    "state": "DKI Jakarta",
    "postcode": "12730",
}


class _Fields(HTMLParser):
    """The named values inside the form with this id."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.inside = form_id, False
        self.values: dict[str, str] = {}
        self.select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "form":
            self.inside = facts.get("id") == self.form_id
        if not self.inside:
            return
        name = facts.get("name")
        if tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in facts or self.select not in self.values):
            self.values[self.select] = facts.get("value") or ""
        elif tag == "input" and name and self._is_sent(facts):
            self.values[name] = facts.get("value") or ""

    @staticmethod
    def _is_sent(facts: dict[str, str | None]) -> bool:
        return facts.get("type") not in ("radio", "checkbox", "submit") or "checked" in facts

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = None


def fields(html: str, form_id: str = "checkout") -> dict[str, str]:
    parser = _Fields(form_id)
    parser.feed(html)
    return parser.values


def open_checkout(client: FlaskClient, country: str = "AU", prefix: str = "") -> dict[str, str]:
    """The page with the fields of `country`, as values to send."""
    answer = client.get(f"{prefix}/checkout")
    assert answer.status_code == 200, answer.headers.get("Location")
    sent = fields(answer.get_data(as_text=True))
    if sent["country"] == country:
        return sent
    answer = client.post(f"{prefix}/checkout/order", data={**sent, "country": country})
    assert answer.status_code == 200
    return fields(answer.get_data(as_text=True))


def press_pay(client: FlaskClient, sent: dict[str, Any], prefix: str = "") -> Any:
    return client.post(f"{prefix}/checkout/order", data=sent)
