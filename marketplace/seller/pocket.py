"""The workshop in a pocket: an app, with its manifest, its worker and the pages that a phone keeps without signal.

Those pages know nobody: they are rendered without session, form token or workshop, the same for every phone, and their
script fills them from what this phone itself has kept. `/seller/pocket.json` tells a page whose phone it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, g, jsonify, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from config import ROOT
from marketplace.catalog.queries.kinds import kinds
from marketplace.core.audience import Audience, audience
from marketplace.core.forms import form_token
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import language
from marketplace.core.web import public
from marketplace.workshops.queries import workshop_of
from marketplace.workshops.roles import Act

from . import editor
from .forms.listing import ListingForm

bp = Blueprint("pocket", __name__)
LANGUAGES = ("en", "id")
PAPER = "#FFFEFB"  # the top bar's, as the pages' theme-color
KEPT_KINDS = (".css", ".js", ".svg")


@dataclass(frozen=True, slots=True)
class Nobody:
    """Stands for the workshop on a page that is the same for everybody."""

    id: int = 0
    name: str = ""
    form_of_address: str = ""
    is_suspended: bool = False

    def may(self, _act: str) -> bool:
        return True


@bp.get("/manifest.webmanifest")
@audience(Audience.PUBLIC)
def manifest() -> Response:
    _speak(request.args.get("language", ""))
    icons = [
        {"src": _asset(f"icons/{name}.png"), "sizes": size, "type": "image/png", "purpose": purpose}
        for name, size, purpose in (
            ("app-192", "192x192", "any"),
            ("app-512", "512x512", "any"),
            ("app-maskable-512", "512x512", "maskable"),
        )
    ]
    facts = {
        "id": "/seller/",
        "name": _("Celuk Silver, your workshop"),
        "short_name": _("Celuk workshop"),
        "description": _("Orders, pieces and money of your workshop, also where the signal is weak."),
        "lang": language(),
        "start_url": "/seller/",
        "scope": "/seller/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": icons,
        "shortcuts": [{"name": _("Add a piece"), "url": "/seller/listings/new"}],
    }
    answer = Response(json.dumps(facts, ensure_ascii=False), mimetype="application/manifest+json")
    return public(answer, seconds=3600)


@bp.get("/seller/sw.js")
@audience(Audience.PUBLIC)
def worker() -> Response:
    """Asked for at every visit: small, never kept without asking, and another one only with other assets."""
    lang = _speak(request.args.get("language", ""))
    version = _version()
    shell = {
        "version": f"{version}-{lang}",
        "files": _files(),
        "offline": url_for(".offline", lang=lang),
        "editor": url_for(".blank", lang=lang),
    }
    head = f'import {{ wake }} from "{_asset("js/pocket/queue.js")}";\nconst SHELL = {json.dumps(shell)};\n'
    answer = Response(head + (_static() / "js/pocket/worker.js").read_text(), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    answer.set_etag(f"{version}-{lang}")
    return answer.make_conditional(request)


@bp.get("/seller/offline/<lang>")
@audience(Audience.PUBLIC)
def offline(lang: str) -> Response:
    """What a phone shows where there is no signal, with the list of what waits on it."""
    return _for_everybody(lang, lambda: render_template("seller/offline.html"))


@bp.get("/seller/offline/<lang>/new")
@audience(Audience.PUBLIC)
def blank(lang: str) -> Response:
    """The editor of a piece, empty; the phone fills it with what it has kept."""

    def page() -> str:
        g.workshop = Nobody()
        form = ListingForm(formdata=None, kinds=kinds(), data={"sizes": [{}]}, meta={"csrf": False})
        html, _status = editor.new_page(form)
        return html

    return _for_everybody(lang, page)


@bp.before_app_request
def look_who_leaves() -> None:
    """Only a workshop's people keep drafts on a phone; a buyer's hearts stay in the browser."""
    if request.endpoint == "accounts.sign_out" and current_user.is_authenticated:
        g.leaves_pocket = workshop_of(current_user.id) is not None


@bp.after_app_request
def forget(response: Response) -> Response:
    """Signed out: the browser forgets what it kept for the person, whether our script runs or not."""
    if g.get("leaves_pocket") and response.status_code == 303:
        response.headers["Clear-Site-Data"] = '"storage"'
    return response


@bp.get("/seller/pocket.json")
@audience(Audience.SELLER, may=Act.LOOK)
def me() -> Response:
    """Whose phone this is, and the token with which what it kept may be sent."""
    return jsonify(person=f"{g.workshop.id}-{current_user.id}", token=form_token())


def _for_everybody(lang: str, page: Callable[[], str]) -> Response:
    if lang not in LANGUAGES:
        abort(404)
    _speak(lang)
    return public(Response(page(), mimetype="text/html"))


def _speak(lang: str) -> str:
    g.locale = lang if lang in LANGUAGES else "en"
    return str(g.locale)


def _static() -> Path:
    return ROOT / "static"


def _asset(name: str) -> str:
    asset: Any = current_app.jinja_env.globals["asset"]
    return str(asset(name))


def _version() -> str:
    return _asset("css/site.css").split("/")[2]


def _files() -> list[str]:
    """Addresses of everything that the kept pages may ask for."""
    names = [path.relative_to(_static()) for path in _static().rglob("*") if path.suffix in KEPT_KINDS]
    return sorted(_asset(name.as_posix()) for name in names if name.name != "worker.js")
