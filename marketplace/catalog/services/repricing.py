"""What a workshop says to proposed prices: yes to all or some, no, or back to what they were.

A rate never moves a price. Yes moves exactly the prices that were seen: the preview's stamp is sent along, and anything
that differs by then is shown again. Orders keep the prices that they froze; open carts see the new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from marketplace.catalog import publication
from marketplace.catalog.models import Costing, Listing, Variant
from marketplace.catalog.queries.price_history import last_accepted
from marketplace.catalog.queries.repricing import Change, Preview, Proposal, proposals
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l

from .pricing_log import Moved, Reason, changed_all

BATCH = 250
Item = TypeVar("Item")


class ProposalsMoved(DomainError):
    """A newer rate, another price, another sheet: what was agreed to is not what is proposed now."""

    message = _l("Something changed since this page was opened. Nothing was changed by it: look at the prices again.")


class NothingWaits(DomainError):
    """A second click, or somebody else of the workshop: it is done already."""

    message = _l("That is done already. No further price was changed.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which pieces: those named, and with `rest` also all that the page did not show."""

    ticked: Set[int]
    shown: Set[int]
    rest: bool = False

    def holds(self, listing_id: int) -> bool:
        return listing_id in self.ticked or (self.rest and listing_id not in self.shown)


def accept(workshop_id: int, chosen: Chosen, stamp: str, by: int) -> int:
    """Take the proposed prices of these pieces; gives how many pieces have a new price. All or nothing.

    Raises:
        ProposalsMoved, NothingWaits.
    """
    with transaction():
        rows = _seen(workshop_id, proposals, chosen, stamp)
        moved = _reprice(workshop_id, rows, Reason.RATE, by)
        _agree([row for row in rows if row.listing_id in moved])
        return len(moved)


def decline(workshop_id: int, stamp: str) -> int:
    """Keep all prices, and ask no more until the next rate; gives how many pieces that was.

    Raises:
        ProposalsMoved, NothingWaits.
    """
    with transaction():
        rows = _seen(workshop_id, proposals, Chosen(frozenset(), frozenset(), rest=True), stamp)
        _agree(rows)
        return len(rows)


def go_back(workshop_id: int, chosen: Chosen, stamp: str, by: int) -> int:
    """Take up the prices from before the last accepted proposal; gives how many pieces.

    Raises:
        ProposalsMoved, NothingWaits.
    """
    with transaction():
        rows = _seen(workshop_id, last_accepted, chosen, stamp)
        return len(_reprice(workshop_id, rows, Reason.BACK, by))


def _seen(workshop_id: int, preview: Callable[[int], Preview], chosen: Chosen, stamp: str) -> list[Proposal]:
    """The chosen rows of a preview that is still the one that was seen, with the workshop's pieces held."""
    _hold(workshop_id)
    now = preview(workshop_id)
    rows = [row for row in now.rows if chosen.holds(row.listing_id)]
    if not rows:
        raise NothingWaits()
    if now.stamp != stamp:
        raise ProposalsMoved()
    return rows


def _hold(workshop_id: int) -> None:
    """Whoever changes a price holds its listing first (loading.own_listing): so nothing moves under the preview."""
    query = sa.select(Listing.id).where(Listing.workshop_id == workshop_id).order_by(Listing.id)
    db.session.execute(query.with_for_update(key_share=True)).all()


def _reprice(workshop_id: int, rows: Sequence[Proposal], reason: Reason, by: int) -> set[int]:
    """Move each price from the old to the new one, if it is still the old one; the listings that did."""
    wanted = {change.variant_id: (row, change) for row in rows for change in row.changes}
    done = [wanted[ident] for part in _parts(wanted) for ident in _move([wanted[one][1] for one in part])]
    for rate_id in {_rate_id(row) for row, _ in done}:
        changed_all(
            [
                Moved(workshop_id, row.listing_id, change.variant_id, change.old, change.new)
                for row, change in done
                if _rate_id(row) == rate_id
            ],
            reason,
            by,
            rate_id,
        )
    listing_ids = {row.listing_id for row, _ in done}
    _touch(listing_ids)
    publication.refresh(listing_ids)
    return listing_ids


def _rate_id(row: Proposal) -> int | None:
    return row.rate.id if row.rate else None


def _move(changes: Sequence[Change]) -> list[int]:
    """One conditional UPDATE for many: a price that is another one by now stays as it is."""
    old = sa.case({change.variant_id: change.old for change in changes}, value=Variant.id)
    new = sa.case({change.variant_id: change.new for change in changes}, value=Variant.id)
    return list(
        db.session.scalars(
            sa.update(Variant)
            .where(Variant.id.in_([change.variant_id for change in changes]), Variant.price_amount == old)
            .values(price_amount=new)
            .returning(Variant.id)
            .execution_options(synchronize_session=False)
        )
    )


def _touch(listing_ids: Set[int]) -> None:
    """A form that is open elsewhere is older than this, and must not bring the old price back."""
    for part in _parts(sorted(listing_ids)):
        db.session.execute(
            sa.update(Listing)
            .where(Listing.id.in_(part))
            .values(edits=Listing.edits + 1, saved_page="", updated_at=clock.now())
            .execution_options(synchronize_session=False)
        )


def _agree(rows: Sequence[Proposal]) -> None:
    """From here on only a newer rate than this asks again."""
    for rate_id in {_rate_id(row) for row in rows}:
        ids = [row.listing_id for row in rows if _rate_id(row) == rate_id]
        for part in _parts(ids):
            db.session.execute(
                sa.update(Costing)
                .where(Costing.listing_id.in_(part))
                .values(rate_id=rate_id)
                .execution_options(synchronize_session=False)
            )


def _parts(items: Iterable[Item]) -> Iterator[list[Item]]:
    """So many at once as one statement holds well."""
    whole = list(items)
    return (whole[start : start + BATCH] for start in range(0, len(whole), BATCH))
