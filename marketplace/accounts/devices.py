"""What a browser calls itself, in words that its owner recognizes."""

from __future__ import annotations

_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_PHONES = ("iPhone", "Android")


def name_of(agent: str) -> str:
    """'iPhone, Safari'; '' when it says nothing that we know."""
    found = (_first(_SYSTEMS, agent), _first(_BROWSERS, agent))
    return ", ".join(word for word in found if word)


def is_phone(agent: str) -> bool:
    return any(word in agent for word in _PHONES)


def _first(table: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for sign, name in table if sign in agent), "")
