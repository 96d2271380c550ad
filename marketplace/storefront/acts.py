"""Acts that are one button: they carry a token, and an old page is told so instead of refused."""

from __future__ import annotations

from flask import flash

from marketplace.core.forms import Form


def is_ours() -> bool:
    """Whether the button that was pressed came from a page of this visitor's; flashes what to do when it did not."""
    form = Form()
    if form.validate():
        return True
    for _field, sentence in form.problems():
        flash(sentence, "error")
    return False
