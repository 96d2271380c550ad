"""Why an order is not placed. Nothing was written, nothing was charged; the page is drawn anew."""

from __future__ import annotations

from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l


class NotPlaced(DomainError):
    """Every no of the checkout."""


class CartEmpty(NotPlaced):
    message = _l("Your bag is empty.")


class CartChanged(NotPlaced):
    message = _l("Your bag has changed in the meantime. Look at it once more; nothing was charged.")


class PieceSold(NotPlaced):
    message = _l("“%(title)s” was sold while you were looking. Nothing was charged.")


class PiecesLeft(NotPlaced):
    message = _l("Only %(left)s left of “%(title)s”. Nothing was charged.")


class PieceGone(NotPlaced):
    message = _l("“%(title)s” is not on sale any more. Nothing was charged.")


class WorkshopClosed(NotPlaced):
    message = _l(
        "%(workshop)s is closed until %(day)s and takes no orders meanwhile. Nothing was charged. Take its pieces out, "
        "or come back on %(opens)s."
    )


class TotalChanged(NotPlaced):
    message = _l("The total is now %(total)s; you saw %(seen)s. Nothing was charged. Pay the new total if you agree.")


class NoCarrier(NotPlaced):
    message = _l("Nobody carries the parcel of %(workshop)s to this country: it is too heavy. Take a piece out.")
