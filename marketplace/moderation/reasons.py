"""Why a piece is sent back or taken down, and why a workshop is suspended: the lists that admins choose from.

Title and advice are read in the workshop's language. To add a reason, add a row: forms, pages and mails follow.
The rules of respect are those of domain.md 2.2.
"""

from __future__ import annotations

from marketplace.core.i18n import lazy_gettext as _l
from marketplace.workshops.reasons import OTHER, Reason

_MATERIAL = Reason(
    "material",
    _l("Plated sold as silver"),
    _l("Write the base metal and that it is plated in the name, for example “silver-plated brass”."),
)
_ORIGIN = Reason(
    "origin",
    _l("Not made in Celuk or nearby"),
    _l("Only pieces from your own bench can be sold here. If it is yours, add a photo of it on the bench."),
)
_SACRED = Reason(
    "sacred",
    _l("Claims a blessing, or is a sacred object"),
    _l("Leave out blessing, power and protection: consecration is done later by a priest. Describe the piece itself."),
)
_PHOTOS = Reason(
    "photos",
    _l("Photos of others"),
    _l("Take photos of this very piece yourself, near a window, on gray cloth."),
)
_FORBIDDEN = Reason(
    "forbidden",
    _l("Material or object that cannot be sold here"),
    _l("Blades, antiques, ivory, tortoiseshell and coral cannot be sold here. Remove it from the piece or the text."),
)

LISTING_REJECTIONS = (
    Reason(
        "words",
        _l("The words need a change"),
        _l("Change the sentence that the message names, and send the piece again."),
    ),
    _MATERIAL,
    _SACRED,
    _PHOTOS,
    Reason(
        "facts",
        _l("Weight, fineness or size do not fit the piece"),
        _l("Weigh and measure the piece once more, correct the numbers, and send it again."),
    ),
    _ORIGIN,
    _FORBIDDEN,
    OTHER,
)

TAKEDOWNS = (_MATERIAL, _ORIGIN, _SACRED, _PHOTOS, _FORBIDDEN, OTHER)

SUSPENSIONS = (
    Reason(
        "late",
        _l("Orders not posted, three times"),
        _l("Post the running orders, and tell the collective how new ones will leave in time."),
    ),
    Reason(
        "fineness",
        _l("Fineness below what was stated"),
        _l("Bring three pieces to the collective to be tested, free of charge."),
    ),
    Reason(
        "not_own_work",
        _l("Pieces not made by the workshop"),
        _l("Show the collective where and by whom the pieces are made."),
    ),
    Reason(
        "own_wish",
        _l("The workshop asked for it"),
        _l("Write to the collective when the shop should open again."),
    ),
    OTHER,
)

APPEAL = _l("If you think that this is a mistake, answer this mail: the collective looks at it once more.")

_BY_CODE = {reason.code: reason for reason in (*LISTING_REJECTIONS, *TAKEDOWNS)}


def listing_reason(code: str) -> Reason | None:
    """The reason of a piece's rejection or takedown with this code, or None when it has left the list."""
    return _BY_CODE.get(code)
