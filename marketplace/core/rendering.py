"""How templates are rendered fast: imports that compare no globals, and pieces of HTML kept with what they show."""

from __future__ import annotations

from collections.abc import Callable, Hashable, MutableMapping
from typing import Any

from flask import Flask, current_app
from flask.templating import Environment

from . import icons
from .i18n import language
from .links import linked
from .markets import current_market

MOST_FIXED = 60  # a menu that changed makes a new one; the old ones go with all others


class Templates(Environment):
    """Every template shares the one table of globals.

    Jinja chains it behind a table of each template's own, always empty here, and walks through the chain at every
    `{% from … import … %}` to see whether the kept macros may be used.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def kept(macro: Callable[..., str], shown: Any, *how: Any) -> str:
    """`macro(shown, *how)`, rendered once for each market and language as long as `shown` itself is kept.

    `shown.kept` is the place for it; whoever makes `shown` anew when its data changes thereby forgets the HTML. A thing
    without such a place is rendered each time, and in debug everything is: templates change there.
    """
    place: dict[Any, str] | None = getattr(shown, "kept", None)
    if place is None or current_app.debug:
        return macro(shown, *how)
    key = (current_market().code, language(), *how)
    html = place.get(key)
    if html is None:
        html = place[key] = macro(shown, *how)
    return html


def fixed(macro: Callable[[], str], *made_of: Hashable) -> str:
    """`macro()`, rendered once for each market and language: what stands on every page alike.

    `made_of` names whatever else it shows; the icons that it draws are put into the sprite of each page.
    """
    if current_app.debug:
        return macro()
    place: dict[Any, tuple[str, list[str]]] = current_app.extensions.setdefault("fixed_html", {})
    key = (macro.name, current_market().code, language(), *made_of)  # type: ignore[attr-defined]
    if key not in place:
        if len(place) >= MOST_FIXED:
            place.clear()
        with icons.collected() as used:
            html = macro()
        place[key] = html, list(used)
    html, used_there = place[key]
    icons.note(used_there)
    return html


def init_app(app: Flask) -> None:
    app.jinja_environment = Templates
    app.jinja_env.globals.update(kept=kept, fixed=fixed)
    app.jinja_env.filters["linked"] = linked
