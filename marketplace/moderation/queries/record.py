"""The record of all acts, in pages."""

from __future__ import annotations

from marketplace.audit.queries import AuditEntry, of_subject, recent
from marketplace.core.pagination import PAGE, Page, cut, decode_key, encode_key

KINDS = (  # of subjects
    *("application", "workshop", "listing", "order", "seller_order", "user", "rate", "commission"),
    *("refund", "dispute", "difference", "payout_run", "payout"),
)
AT_MOST = 200  # acts on one subject


def entries(kind: str = "", ident: int | None = None, after: str | None = None) -> Page[AuditEntry]:
    """The newest first: of all, of a kind of subject, or (all at once) of one subject. One statement."""
    if kind and ident is not None:
        return Page(of_subject(kind, ident, AT_MOST), None)
    key = decode_key(after, 1)
    rows = recent(PAGE + 1, before_id=key[0] if key else None, action=f"{kind}." if kind else "")
    return cut(rows, PAGE, lambda entry: encode_key(entry.id))
