"""What the cart says no to; nothing is taken or changed then."""

from __future__ import annotations

from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l


class NotOnSale(DomainError):
    message = _l("This piece is not on sale any more.")


class Closed(DomainError):
    message = _l("%(workshop)s is closed until %(day)s and takes no orders meanwhile. Come back on %(opens)s.")


class SoldOut(DomainError):
    message = _l("This piece is sold out.")


class OnlyLeft(DomainError):
    message = _l("Only %(left)s left of this piece. Choose fewer.")


class EngravingTooLong(DomainError):
    message = _l("The engraving has room for %(limit)s characters. Shorten it.")


class NoEngraving(DomainError):
    message = _l("This piece cannot be engraved. Leave the field empty.")


class CartFull(DomainError):
    message = _l("The bag holds up to %(limit)s different pieces. Check out first, then add more.")


class UnknownCountry(DomainError):
    message = _l("Choose a country from the list.")
