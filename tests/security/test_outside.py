"""What the shop asks of the world outside: its processors, the mailbox, a feed of metal rates (security.md 12, 38)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from config import ROOT

# Modules that can open a connection, and who may use them.
DOORS = {
    "requests",
    "stripe",
    "urllib3",
    "urllib.request",
    "http.client",
    "socket",
    "smtplib",
    "ftplib",
    "aiohttp",
    "httpx",
}
MAY = (
    "marketplace/payments/processors/",
    "marketplace/payouts/providers/",
    "marketplace/notifications/transport.py",
    "marketplace/catalog/feed/fetching.py",  # the feed of metal rates, whose address is a setting
    "marketplace/serve.py",  # is the port free?
)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _is_door(name: str) -> bool:
    return any(name == door or name.startswith(f"{door}.") for door in DOORS)


def test_only_processors_the_mailbox_and_a_feed_are_asked() -> None:
    """No address that a visitor or seller gives is ever fetched, because nothing that could fetch it is there."""
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "marketplace").rglob("*.py")
        for name in _imports(path)
        if _is_door(name) and not str(path.relative_to(ROOT)).startswith(MAY)
    ]
    assert found == []


def test_no_page_has_a_field_for_a_card() -> None:
    """Cards are typed on the processor's own page only."""
    words = ("cc-number", "cc-csc", "cc-exp", "cardnumber", "card_number", "cvc", "cvv")
    pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "marketplace").rglob("forms*.py")]
    assert len(pages) > 80
    assert [f"{page.name}: {word}" for page in pages for word in words if word in page.read_text().lower()] == []


def test_no_script_or_style_comes_from_elsewhere() -> None:
    pages = list((ROOT / "templates").rglob("*.html"))
    assert [page.name for page in pages if 'src="http' in page.read_text() or 'src="//' in page.read_text()] == []
