"""The icons of the shop: drawn on a 24 grid with a 1.5 px stroke, one inline sprite per page with what it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache

from flask import Flask, g
from markupsafe import Markup

SYMBOLS: dict[str, str] = {
    "alert": '<path d="M12 4 2.8 19.5h18.4z"/><path d="M12 10v4.5M12 17v.1"/>',
    "back": '<path d="M9 6 4.5 10.5 9 15"/><path d="M4.5 10.5H15a4.5 4.5 0 0 1 0 9h-3"/>',
    "bag": '<path d="M5 8.5h14l1 11.5H4z"/><path d="M8.5 8.5V7a3.5 3.5 0 0 1 7 0v1.5"/>',
    "bell": '<path d="M6 16.5v-6a6 6 0 0 1 12 0v6l1.5 1.5h-15z"/><path d="M10 20.5h4"/>',
    "camera": '<path d="M3.5 8h4L9 5.5h6L16.5 8h4v11h-17z"/><circle cx="12" cy="13" r="3.5"/>',
    "chat": '<path d="M4 5h16v11h-9l-4.5 4v-4H4z"/>',
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "clock": '<circle cx="12" cy="12" r="8"/><path d="M12 7.5V12l3 2"/>',
    "copy": '<path d="M9 9h11v11H9z"/><path d="M15 9V4H4v11h5"/>',
    "crop": '<path d="M7 3v14h14M3 7h14v14"/>',
    "down": '<path d="m6 9.5 6 6 6-6"/>',
    "file": '<path d="M6 3.5h8l4 4V20.5H6z"/><path d="M14 3.5v4h4M9 12.5h6M9 16h6"/>',
    "globe": '<circle cx="12" cy="12" r="8.25"/><path d="M3.75 12h16.5M12 3.75c2.5 2.5 3.5 5.3 3.5 8.25s-1 5.75-3.5 8.25c-2.5-2.5-3.5-5.3-3.5-8.25s1-5.75 3.5-8.25z"/>',
    "hammer": '<path d="m4 20 8.5-8.5M10.5 6 13 3.5c2.5 0 4.5 1 6.5 3.5L16 10.5l1 1-2.5 2.5-5-5z"/>',
    "heart": '<path d="M12 19.5 4.9 12.4a4.4 4.4 0 0 1 6.2-6.2l.9.9.9-.9a4.4 4.4 0 0 1 6.2 6.2z"/>',
    "home": '<path d="m4 11 8-7 8 7v9h-5.5v-5.5h-5V20H4z"/>',
    "info": '<circle cx="12" cy="12" r="8.25"/><path d="M12 11v5M12 8v.1"/>',
    "key": '<circle cx="8" cy="15.5" r="4"/><path d="m11 12.5 8.5-8.5M16 7.5l3 3"/>',
    "left": '<path d="m14.5 6-6 6 6 6"/>',
    "list": '<path d="M5 4h14v16H5zM8.5 9h7M8.5 12.5h7M8.5 16h4"/>',
    "lock": '<path d="M5.5 11h13v9h-13zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11"/>',
    "mail": '<path d="M3.5 6h17v12h-17z"/><path d="m4 6.5 8 6.5 8-6.5"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h10"/>',
    "minus": '<path d="M5 12h14"/>',
    "more": '<path d="M5.5 12h.01M12 12h.01M18.5 12h.01" stroke-width="3"/>',
    "parcel": '<path d="M4 8.5 12 4l8 4.5v7.5L12 20.5 4 16z"/><path d="m4 8.5 8 4.5 8-4.5M12 13v7.5"/>',
    "phone": '<path d="M7.5 3.5h9v17h-9zM11 17.8h2"/>',
    "photo": '<path d="M4 5h16v14H4z"/><path d="m4 16 4.5-4.5 4 4 3-3L20 17"/><circle cx="15.5" cy="9" r="1.25"/>',
    "pin": '<path d="M12 21s6.5-6.2 6.5-11a6.5 6.5 0 0 0-13 0C5.5 14.8 12 21 12 21z"/><circle cx="12" cy="10" r="2.25"/>',
    "play": '<path d="M8 5v14l11-7z"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "print": '<path d="M7 8.5V4h10v4.5M7 16H4V8.5h16V16h-3"/><path d="M7 13.5h10V20H7z"/>',
    "right": '<path d="m9.5 6 6 6-6 6"/>',
    "ring": '<circle cx="12" cy="14.5" r="6"/><path d="m9.5 8.9-1.7-3L10 3.5h4l2.2 2.4-1.7 3"/>',
    "scale": '<path d="M12 4v16M7 20h10M5 7h14M5 7l-2.5 6.5a2.6 2.6 0 0 0 5 0zM19 7l-2.5 6.5a2.6 2.6 0 0 0 5 0z"/>',
    "seal": '<circle cx="12" cy="9.5" r="5.5"/><path d="m8.5 14-1.5 6.5 5-2.5 5 2.5-1.5-6.5M9.8 9.6l1.6 1.5 2.8-3"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>',
    "send": '<path d="M4 12 20 4.5 15.5 20l-3.5-6z"/><path d="m12 14 8-9.5"/>',
    "shop": '<path d="M4.5 10v10h15V10M3 9.5 5 4h14l2 5.5a3 3 0 0 1-6 0 3 3 0 0 1-6 0 3 3 0 0 1-6 0z"/><path d="M10 20v-5h4v5"/>',
    "sliders": '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
    "star": '<path d="m12 3.5 2.6 5.5 6 .8-4.4 4.2 1.1 6L12 17.1 6.7 20l1.1-6-4.4-4.2 6-.8z"/>',
    "trash": '<path d="M4.5 7h15M9.5 7V4h5v3M6.5 7l1 13h9l1-13"/>',
    "user": '<circle cx="12" cy="8" r="3.75"/><path d="M4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5"/>',
    "wallet": '<path d="M4 7.5h15.5V19H4zM4 7.5 16 4v3.5"/><path d="M19.5 11.5H15a1.75 1.75 0 0 0 0 3.5h4.5"/>',
    "up": '<path d="m6 14.5 6-6 6 6"/>',
    "x": '<path d="m6 6 12 12M18 6 6 18"/>',
}


def use_icon(name: str, small: bool = False, fill: bool = False, cls: str = "") -> Markup:
    """A drawing for the eye only; its symbol is put into this page's sprite.

    Raises:
        KeyError: there is no such icon.
    """
    drawn = _drawn(name, small, fill, cls)
    _used().setdefault(name)
    return drawn


@lru_cache(maxsize=512)
def _drawn(name: str, small: bool, fill: bool, cls: str) -> Markup:
    if name not in SYMBOLS:
        raise KeyError(name)
    classes = " ".join(filter(None, ("i", "i--s" if small else "", "i--f" if fill else "", cls)))
    return Markup('<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>').format(classes, name)


def sprite() -> Markup:
    """The symbols that this page has used so far; stands after the content. Empty when it used none."""
    symbols = Markup("").join(map(_symbol, _used()))
    return Markup('<svg class="sprite" aria-hidden="true">{}</svg>').format(symbols) if symbols else symbols


@cache
def _symbol(name: str) -> Markup:
    return Markup('<symbol id="i-{}" viewBox="0 0 24 24">{}</symbol>').format(name, Markup(SYMBOLS[name]))


@contextmanager
def collected() -> Iterator[dict[str, None]]:
    """The icons that are drawn inside the block, kept out of the page's sprite."""
    before = g.pop("icons_used", {})
    g.icons_used = {}
    try:
        yield g.icons_used
    finally:
        g.icons_used = before


def note(names: Iterable[str]) -> None:
    """Put icons into this page's sprite that HTML made earlier draws."""
    _used().update(dict.fromkeys(names))


def _used() -> dict[str, None]:
    """Names in the order of their first use, kept for one answer."""
    used: dict[str, None] = g.setdefault("icons_used", {})
    return used


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(icon=use_icon, icon_sprite=sprite)
