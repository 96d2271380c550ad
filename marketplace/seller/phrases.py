"""The craft's phrase book beside the editor: asked again by its script when the words of a piece have changed."""

from __future__ import annotations

from flask import render_template, request

from marketplace.catalog.phrases import known_words
from marketplace.core.audience import Audience, audience
from marketplace.core.forms import one_line
from marketplace.workshops.roles import Act

from .faces import work_blueprint

bp = work_blueprint("seller_phrases", __name__, "/seller/phrases")
LONGEST = 2000  # characters that are looked up: a name, its stones and the beginning of its story


@bp.get("")
@audience(Audience.SELLER, may=Act.PIECES)
def show() -> str:
    """The items of the list for `text`, in the language `to`."""
    to = "id" if request.args.get("to") == "id" else "en"
    phrases = known_words(one_line(request.args.get("text"))[:LONGEST], to)
    return render_template("seller/_phrases.html", phrases=phrases, to=to)
