"""What the people of a story do, by what they see: shared by the stories."""

from __future__ import annotations

import email
import email.policy
import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyotp
from PIL import Image, ImageDraw

from .conftest import PASSWORD, LiveShop


@dataclass(frozen=True)
class Letter:
    to: str
    subject: str
    text: str
    language: str

    @property
    def links(self) -> list[str]:
        return re.findall(r"https?://\S+", self.text)


def letters(live: LiveShop, to: str = "") -> list[Letter]:
    """Every mail so far, oldest first."""
    found = []
    for path in sorted((live.instance / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime):
        message: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        text = message.get_body(("plain",)).get_content()
        found.append(Letter(str(message["To"]), str(message["Subject"]), text, str(message["Content-Language"] or "")))
    return [letter for letter in found if to in letter.to]


def letter(live: LiveShop, to: str, holding: str, seconds: float = 30) -> Letter:
    """Wait for the mail to `to` whose subject or text holds a word."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for found in reversed(letters(live, to)):
            if holding in found.subject or holding in found.text:
                return found
        time.sleep(0.2)
    told = [(one.to, one.subject) for one in letters(live)]
    raise AssertionError(f"no mail to {to} with {holding!r}; there are {told}")


def sign_in(page: Any, name: str) -> None:
    page.goto("/sign-in")
    page.fill("[name=email]", f"{name}@demo.test")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name=re.compile("^(Sign in|Masuk)$")).click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def set_up_second_factor(page: Any, look: Callable[[Any], None] = lambda page: None) -> list[str]:
    """From the page that asks for it, back to where one was; gives the recovery codes. `look` sees each page."""
    look(page)
    page.fill("[name=password]", PASSWORD)
    page.locator("form[action$='/set-up'] button.btn").click()
    page.locator("img[src$='/qr.svg']").wait_for()
    look(page)
    assert page.locator("img[src$='/qr.svg']").evaluate("image => image.naturalWidth") > 0
    secret = page.locator("main code").inner_text().replace(" ", "")
    page.fill("[name=code]", pyotp.TOTP(secret).now())
    page.locator("form[action$='/confirmation'] button.btn").click()
    page.locator("main ol code").first.wait_for()
    look(page)
    codes: list[str] = page.locator("main ol code").all_inner_texts()
    page.locator("main a.btn--wide").click()
    page.wait_for_load_state()
    return codes


def without_second_factor(live: LiveShop, name: str) -> None:
    """For the stories that come after: the shop is one for all of them."""
    live.flask("admin", "forget-second-factor", "--email", f"{name}@demo.test", "--reason", "The story is over")


def photo(color: tuple[int, int, int], words: str, size: tuple[int, int] = (1200, 1600)) -> dict[str, Any]:
    """A photo as a phone's camera hands it over."""
    image = Image.new("RGB", size, color)
    ImageDraw.Draw(image).ellipse((200, 300, size[0] - 200, size[1] - 300), outline=(250, 250, 250), width=60)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return {"name": f"{words}.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def demo_pay(page: Any, outcome: str) -> None:
    """On the demo processor's page: approve, decline, later, abandon, or approve_lost."""
    page.wait_for_url("**/demo-payment/**")
    page.check(f"input[name=outcome][value={outcome}]")
    page.locator("main form button.btn").last.click()
