"""The category tree, kept in the process: every page shows its menu, and it hardly ever changes."""

from __future__ import annotations

import time
from typing import Any, cast

from flask import current_app, url_for

from marketplace.catalog.queries import nav
from marketplace.core.i18n import gettext as _

SECONDS = 60  # how long a page that knows no version trusts the kept tree
_KEY, _NEVER = "shop_tree", -1


def tree(number: int | None = None) -> nav.Tree:
    """The tree; with the taxonomy's `number` exactly that version, else one at most a minute old."""
    kept = cast("tuple[float, nav.Tree] | None", current_app.extensions.get(_KEY))
    if kept is not None:
        read_at, known = kept
        if number == known.number or (number is None and time.monotonic() - read_at < SECONDS):
            return known
    fresh = nav.tree()
    current_app.extensions[_KEY] = (time.monotonic(), fresh)
    return fresh


def place_of(slug: str) -> nav.Place | None:
    """The category, also when it is newer than the kept tree."""
    return tree().by_slug.get(slug) or tree(_NEVER).by_slug.get(slug)


def links_to(path: list[nav.Place]) -> list[tuple[str, str]]:
    """(name, address) of the start page and of these categories: the way to a page."""
    places = [(place.name, url_for("catalog.category", slug=place.slug)) for place in path]
    return [(str(_("Home")), url_for("catalog.home")), *places]


def shop_nav() -> list[nav.Place]:
    """What the layouts show: slug and name."""
    return tree().named(nav.MENU)


def template_globals() -> dict[str, Any]:
    return {"shop_nav": shop_nav, "site": current_app.config["SITE_URL"]}
