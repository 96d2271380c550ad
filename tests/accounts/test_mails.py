"""Every mail of accounts, in both languages: one piece of news, one button, text and page alike."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.notifications.transport import Letter, render
from tests.helpers import links_in

FACTS = {"salt": "s" * 22, "market": "", "minutes": 60, "left": "9", "when": "now", "device": "", "address": "1.2.3.4"}
LINKS = {
    "account_confirm": "/confirm/",
    "account_known": "/reset/",
    "account_reset": "/reset/",
    "account_sign_in": "/sign-in/",
    "account_email_new": "/account/security/email/",
    "account_unknown": "/sign-up",
    "account_password_changed": "/reset",
    "account_second_on": "/reset",
    "account_second_off": "/reset",
    "account_code_used": "/reset",
    "account_new_place": "/account/security",
    "account_email_asked": "/reset",
    "account_closed": "",
    "account_email_changed": "",
}


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("template", LINKS)
def test_a_mail_has_one_button_in_its_language(app: Flask, template: str, language: str) -> None:
    market = "id" if language == "id" else ""
    message = render(Letter("k:1", template, "maya@example.com", language, {**FACTS, "market": market}))
    html = message.alternatives[0][0]
    prefix = "/id" if market else ""
    expected = [prefix + LINKS[template]] if LINKS[template] else []
    found = links_in(message.body)
    assert [link[: len(want)] for link, want in zip(found, expected, strict=False)] == expected
    assert found[len(expected) :] == [""], "and the shop's own address"
    assert html.count('class="btn"') == len(expected)
    assert f'<html lang="{language}"' in html
    assert "{{" not in html + message.body
    assert "<" not in message.body
    assert "\n" not in message.subject


def test_another_name_of_the_sender_is_kept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    message = render(Letter("k:1", "account_closed", "maya@example.com", "en", {}))
    assert message.from_email == "Celuk Silver <shop@perak-celuk.example>"
    other = dataclasses.replace(app.config["SHOP"], mail_from="Toko Ketut <ketut@celuk.example>")
    monkeypatch.setitem(app.config, "SHOP", other)
    assert render(Letter("k:1", "account_closed", "a@example.com", "en", {})).from_email == other.mail_from
