"""What an act changed, in words: fields, states and reasons as people call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marketplace.audit.queries import AuditEntry
from marketplace.core.i18n import Lazy, money
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.money import EXPONENTS, Money
from marketplace.moderation.reasons import LISTING_REJECTIONS, SUSPENSIONS, TAKEDOWNS
from marketplace.orders.reasons import REFUSALS
from marketplace.orders.words import CANCEL_WORDS, ORDER_WORDS, PART_WORDS
from marketplace.payments.queries.disputes import WORDS as DISPUTES
from marketplace.workshops.reasons import ASK_FOR_MORE, REJECTIONS

from .payout_words import PAYOUT
from .words import APPLICATION, LISTING

FIELDS: dict[str, Lazy] = {
    "status": _l("Status"),
    "state": _l("Status"),
    "is_suspended": _l("Suspended"),
    "is_taken_down": _l("Taken down"),
    "is_trusted": _l("Trusted"),
    "is_admin": _l("Admin"),
    "disabled": _l("Account closed"),
    "reason": _l("Reason"),
    "reason_code": _l("Reason"),
    "code": _l("Reason"),
    "workshop_id": _l("Workshop"),
    "version_id": _l("Version"),
    "approved_version_id": _l("Version on sale"),
    "revision": _l("Revision"),
    "name": _l("Name"),
    "slug": _l("Address"),
    "owner_id": _l("Owner"),
    "currency": _l("Currency"),
    "rate": _l("Rate"),
    "metal": _l("Metal"),
    "idr_per_gram": _l("Rupiah for one gram"),
    "basis_points": _l("Hundredths of a percent"),
    "floor_idr": _l("At least, rupiah"),
    "cap_idr": _l("At most, rupiah"),
    "valid_from": _l("From"),
    "category_id": _l("Kind"),
    "amount": _l("Sum"),
    "lost": _l("Lost"),
    "seller_order_id": _l("Parcel"),
    "bank_reference": _l("The bank’s reference"),
    "bank_ref": _l("The bank’s reference"),
    "borne_by": _l("Who bears it"),
    "payouts": _l("Payouts"),
    "livemode": _l("Real money"),
    "provider": _l("Way of paying"),
    "held": _l("Held"),
    "problem": _l("What the bank said"),
    "of": _l("Instead of"),
}
_APPLICATION = {status.value: text for status, (text, _kind) in APPLICATION.items()}
_LISTING = {status.value: text for status, (text, _kind) in LISTING.items()}
_VERSION = {
    "draft": _l("Draft"),
    "in_review": _l("In review"),
    "approved": _l("Approved"),
    "rejected": _l("Sent back"),
}
_ORDER = {status.value: text for status, (text, _kind) in ORDER_WORDS.items()}
_PART = {status.value: text for status, (text, _kind) in PART_WORDS.items()}
STATES: dict[str, dict[str, Lazy]] = {
    "application": _APPLICATION,
    "listing": {**_LISTING, **_VERSION},
    "order": _ORDER,
    "seller_order": _PART,
    "dispute": {status.value: text for status, (text, _kind) in DISPUTES.items()},
    "payout": {status.value: text for status, (text, _kind) in PAYOUT.items()},
}
REASONS: dict[str, dict[str, Lazy]] = {
    "application": {reason.code: reason.title for reason in (*ASK_FOR_MORE, *REJECTIONS)},
    "listing": {reason.code: reason.title for reason in (*LISTING_REJECTIONS, *TAKEDOWNS)},
    "workshop": {reason.code: reason.title for reason in SUSPENSIONS},
    "order": {reason.value: text for reason, text in CANCEL_WORDS.items()},
    "seller_order": dict(REFUSALS),
}
SUMS = ("amount", "lost")  # minor units of the currency that stands beside them, rupiah without one


def changes(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """(what, before, after) of everything that the act changed; '' where there was nothing."""
    names = [*entry.before, *(name for name in entry.after if name not in entry.before)]
    rows = [(name, entry.before.get(name), entry.after.get(name)) for name in names]
    return [
        (
            str(FIELDS.get(name, name)),
            _shown(entry.subject_kind, name, old, entry.before),
            _shown(entry.subject_kind, name, new, entry.after),
        )
        for name, old, new in rows
        if old != new and not (name == "currency" and any(other in names for other in SUMS))
    ]


def _shown(kind: str, name: str, value: Any, facts: Mapping[str, Any]) -> str:
    if value is None:
        return ""
    if name in SUMS and type(value) is int and facts.get("currency", "IDR") in EXPONENTS:
        return money(Money(value, facts.get("currency", "IDR")))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if name in ("status", "state"):
        return str(STATES.get(kind, {}).get(str(value), value))
    if name in ("reason", "reason_code", "code"):
        return str(REASONS.get(kind, {}).get(str(value), value))
    return str(value)
