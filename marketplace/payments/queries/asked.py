"""Whether a form's key has become a refund already: what two clicks on one button look like to the second."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.core.db import db

from ..models import Refund


def is_asked(request_key: str, seller_order_id: int) -> bool:
    """Whether this form has been sent before, for this seller order."""
    query = sa.select(Refund.id).where(Refund.request_key == request_key, Refund.seller_order_id == seller_order_id)
    return db.session.scalar(query) is not None
