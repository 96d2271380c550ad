"""Why a message was not sent."""

from __future__ import annotations

from marketplace.accounts.errors import TooManyTries
from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l


class EmptyMessage(DomainError):
    message = _l("Write something, or add a photo.")


class TooManyPhotos(DomainError):
    message = _l("At most %(most)s photos fit in one message.")


class OwnPiece(DomainError):
    message = _l("This piece is from your own workshop.")


class NotTaken(DomainError):
    """The workshop is suspended or has closed, and this is not about an order that is running."""

    message = _l("This workshop takes no messages at the moment, except about orders that are running.")


class TooManyMessages(TooManyTries):
    message = _l("Those were many messages in a short time. Wait %(minutes)s min, then send it again.")
