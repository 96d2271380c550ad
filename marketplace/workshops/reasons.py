"""What the collective tells an applicant who is not approved: asked for more, or rejected.

Each reason has a title and one sentence that says what to do; both are read in the applicant's language. To add one,
add a row: forms, pages and mails take their choices from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Reason:
    """`title` says what is the matter, `advice` what the reader can do about it. `other` needs words besides."""

    code: str
    title: Lazy
    advice: Lazy

    @property
    def needs_words(self) -> bool:
        return self.code == "other"


OTHER = Reason("other", _l("Something else"), _l("Read the message below."))

ASK_FOR_MORE = (
    Reason(
        "bench_photo",
        _l("A photo of the bench is missing"),
        _l("Take a photo of the bench where the pieces are made, with tools in view, and add it to the application."),
    ),
    Reason(
        "piece_photo",
        _l("A photo of a piece must be taken again"),
        _l("Photograph the piece on the bench, near a window and without flash, and add the new photo."),
    ),
    Reason(
        "phone",
        _l("We could not reach the phone number"),
        _l("Check the number, correct it if needed, and say when is a good time to call."),
    ),
    Reason(
        "story",
        _l("The story needs a little more"),
        _l("Write who works at the bench, since when, and what is made there. Four or five sentences are enough."),
    ),
    Reason(
        "visit",
        _l("The collective would like to visit the workshop"),
        _l("Write in the story on which days somebody is at the bench, and send the application again."),
    ),
    OTHER,
)

REJECTIONS = (
    Reason(
        "not_celuk",
        _l("Not made in Celuk or nearby"),
        _l("This shop is for workshops of Celuk and its neighbors. If yours is one, add a photo that shows the place."),
    ),
    Reason(
        "fineness",
        _l("Silver below the stated fineness"),
        _l("Bring three pieces to the collective to be tested, free of charge, and apply again with the result."),
    ),
    Reason(
        "not_own_work",
        _l("Pieces or photos of others"),
        _l("Only pieces from your own bench can be sold here. Apply again with photos taken there."),
    ),
    Reason(
        "identity",
        _l("The identity could not be confirmed"),
        _l("Come to the collective with the identity card, or apply again with the name and number as on the card."),
    ),
    OTHER,
)

_BY_CODE = {reason.code: reason for reason in (*ASK_FOR_MORE, *REJECTIONS)}
APPEAL = _l(
    "If you think that this is a mistake, add what is missing and send the application again: that is an appeal, and "
    "it is looked at anew."
)


def reason_of(code: str) -> Reason | None:
    """The reason with this code, or None for a code that is no longer in the list."""
    return _BY_CODE.get(code)


def codes(reasons: tuple[Reason, ...]) -> set[str]:
    return {reason.code for reason in reasons}
