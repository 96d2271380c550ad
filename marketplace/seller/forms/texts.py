"""What several forms say of a text."""

from __future__ import annotations

from wtforms.validators import Length

from marketplace.core.i18n import lazy_gettext as _l


def at_most(count: int) -> Length:
    """As long as the database holds."""
    return Length(max=count, message=_l("Write it shorter, at most %(max)d characters."))
