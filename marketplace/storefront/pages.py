"""The pages of words: who we are, how parcels and returns work, rights and rules. One template per language."""

from __future__ import annotations

from email.utils import parseaddr

from flask import abort, current_app, render_template
from werkzeug.wrappers import Response

from marketplace.catalog import sizes
from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import Lazy, language
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.web import MarketBlueprint

from .caching import answer

bp = MarketBlueprint("pages", __name__)

PAGES: dict[str, Lazy] = {
    "about": _l("About Celuk"),
    "shipping": _l("Shipping and duties"),
    "returns": _l("Returns"),
    "sizes": _l("Ring sizes"),
    "care": _l("Care of silver"),
    "contact": _l("Write to us"),
    "privacy": _l("Privacy"),
    "terms": _l("Terms"),
}


@bp.get("/pages/<name>")
@audience(Audience.PUBLIC)
def show(name: str) -> Response:
    if name not in PAGES:
        abort(404)
    return answer(lambda: _page(name), [])


def _page(name: str) -> str:
    address = parseaddr(current_app.config["SHOP"].mail_from)[1]
    return render_template(
        f"storefront/pages/{name}.{language()}.html",
        name=name,
        title=PAGES[name],
        pages=PAGES,
        shop_email=address,
        conversion=sizes.ring_table() if name == "sizes" else (),
    )
