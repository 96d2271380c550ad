"""Errors that people meet. A DomainError owns the sentence that its reader sees, in the reader's language."""

from __future__ import annotations

from typing import Any

from .i18n import Lazy, lazy_gettext


class NotFound(Exception):
    """The record is not there, or not theirs: the answer is 404 either way."""


class DomainError(Exception):
    """A rule of the trade says no. `sentence` names it to the person, lazily translated.

    Subclasses set `message`, a lazily translated text that may hold `%(name)s` of the facts given.
    """

    message: Lazy | str = lazy_gettext("That did not work. Nothing was changed.")
    status = 422  # of the page that says it when no view has a better place

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(type(self).__name__, facts)

    @property
    def sentence(self) -> str:
        return str(self.message) % self.facts if self.facts else str(self.message)


class IllegalTransition(DomainError):
    """A state was asked to move where its table does not lead."""

    message = lazy_gettext("That has already changed in the meantime. Look at the page again.")

    def __init__(self, before: Any, after: Any) -> None:
        self.before, self.after = before, after
        super().__init__()

    def __str__(self) -> str:
        return f"{self.before} -> {self.after}"
