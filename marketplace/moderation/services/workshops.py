"""The standing of a workshop. `suspended_at` is a flag: nothing else moves, so that lifting it restores exactly."""

from __future__ import annotations

from marketplace.audit.services import record
from marketplace.catalog import publication
from marketplace.core import clock
from marketplace.core.db import locked, transaction
from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.moderation import mails
from marketplace.moderation.reasons import SUSPENSIONS
from marketplace.workshops.models import Workshop
from marketplace.workshops.services import given

SUBJECT = "workshop"


class AlreadySuspended(DomainError):
    message = _l("The workshop is already suspended.")


class NotSuspended(DomainError):
    message = _l("The workshop is not suspended.")


def suspend(workshop_id: int, by: int, code: str, words: str = "") -> None:
    """Hide every piece at once and stop new orders; running orders go on.

    Raises:
        AlreadySuspended, UnknownReason, WordsMissing
    """
    reason = given(SUSPENSIONS, code, words)
    with transaction():
        workshop = locked(Workshop, workshop_id)
        if workshop.suspended_at is not None:
            raise AlreadySuspended
        workshop.suspended_at = clock.now()
        workshop.suspension_reason = mails.sentence(reason, words, workshop.language)
        publication.refresh_workshop(workshop.id)
        before, after = {"is_suspended": False}, {"is_suspended": True, "reason_code": code}
        record("workshop.suspend", SUBJECT, workshop.id, by, before, after, words)
        mails.about_workshop("workshop_suspended", workshop, reason, words)


def reinstate(workshop_id: int, by: int, why: str) -> None:
    """Lift the suspension: live pieces are shown again, paused and taken-down ones stay as they are.

    Raises:
        NotSuspended
    """
    with transaction():
        workshop = locked(Workshop, workshop_id)
        if workshop.suspended_at is None:
            raise NotSuspended
        before = {"is_suspended": True, "reason": workshop.suspension_reason}
        workshop.suspended_at, workshop.suspension_reason = None, ""
        publication.refresh_workshop(workshop.id)
        record("workshop.reinstate", SUBJECT, workshop.id, by, before, {"is_suspended": False}, why)
        mails.about_workshop("workshop_reinstated", workshop, words=why)
