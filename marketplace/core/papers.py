"""What stands on every paper, beside its own facts: the brand, who gives it out, the number of its pages.

`templates/pdf/_paper.typ` draws it.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

from .context import shop_setting
from .i18n import gettext as _
from .i18n import language


def collective() -> tuple[str, ...]:
    """Name, address and email of who runs the shop, in the language of the moment."""
    return (
        _("The Celuk silversmiths’ collective"),
        _("Celuk, Sukawati, Gianyar, Bali, Indonesia"),
        parseaddr(shop_setting("mail_from"))[1],
    )


def paper(title: str, subject: str, foot: Sequence[str] = ()) -> dict[str, Any]:
    """The facts that `paper.with(f)` needs; `foot` are sentences below everything, on the last page."""
    return {
        "language": language(),
        "brand": _("Celuk Silver"),
        "descriptor": "perak" if language() == "id" else "silver",
        "title": title,
        "subject": subject,
        "author": collective()[0],
        # Filled in where the pages are counted; neither brace is one of ours.
        "page": _("Page {page} of {count}"),
        "foot": list(foot),
    }
