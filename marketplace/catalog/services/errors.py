"""What keeps a piece from being saved or shown, each with the sentence that its maker reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.catalog.stock import StockMoved as StockMoved
from marketplace.catalog.stock import TooMany as TooMany
from marketplace.core.errors import DomainError
from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend before the piece can be shown: the id of its field in the form, and the sentence.

    'title' and 'description' mean either language.
    """

    field: str
    sentence: Lazy


class Incomplete(DomainError):
    message = _l("Something is still missing before the piece can be shown.")

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = list(problems)


class WorkshopSuspended(DomainError):
    message = _l(
        "Your workshop is suspended. Running orders go on; pieces cannot be shown until the collective reopens it."
    )


class EditedElsewhere(DomainError):
    message = _l(
        "This piece was changed in another window in the meantime. What you typed is still here: look it over and save "
        "once more."
    )


class PriceMissing(DomainError):
    message = _l("Write the price: the piece is on sale.")


class SizeTwice(DomainError):
    message = _l("The size %(size)s stands twice. Write each size once.")


class TooManyPhotos(DomainError):
    message = _l("A piece can have 10 photos. Remove one first.")


class TakenDown(DomainError):
    message = _l("The collective took this piece down, so it cannot be shown: %(reason)s")


class NeverApproved(DomainError):
    message = _l("This piece was never on sale. Publish it first.")


class SeenAnotherRevision(DomainError):
    message = _l("The workshop has changed this piece since you opened it. Look at it again.")
