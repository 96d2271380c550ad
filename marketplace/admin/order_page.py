"""The page of an order, put together for every view that shows it: money, refunds, ledger, what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import abort, render_template, request

from marketplace.audit.queries import of_subjects
from marketplace.core.i18n import money
from marketplace.core.ids import new_token
from marketplace.moderation.queries import books
from marketplace.moderation.queries import orders as queries
from marketplace.orders.models import SellerOrderStatus as Part
from marketplace.orders.queries import OrderPage, detail
from marketplace.payments.queries.disputes import disputes_of
from marketplace.payments.queries.holding import why_held
from marketplace.payments.queries.refunds import RefundView, refundable, refunds_of
from marketplace.payments.services.refunds import RefundPreview

from . import ledger_words, words
from .forms import AssignForm, PartCancelForm, RefundForm, TransferForm, WhyForm, refund_form
from .happened import happened
from .refund_words import CHANNELS, ORIGINS, can_retry, is_manual_open, is_unassigned

RECORD = 12
BEFORE_POSTING = (Part.PAID, Part.ACCEPTED, Part.STARTED)


@dataclass
class Given:
    """Forms that came back with an error, by what they are about; the page shows fresh ones for the rest."""

    canceling: WhyForm | None = None
    delivering: dict[int, WhyForm] = field(default_factory=dict)
    part_canceling: dict[int, PartCancelForm] = field(default_factory=dict)
    refund: tuple[int, RefundForm] | None = None  # of a parcel
    preview: RefundPreview | None = None
    assigning: dict[int, AssignForm] = field(default_factory=dict)
    sending: dict[int, TransferForm] = field(default_factory=dict)
    failing: dict[int, WhyForm] = field(default_factory=dict)

    @property
    def wrong(self) -> object:
        """The form whose errors stand on top."""
        forms = [self.canceling, self.refund[1] if self.refund else None]
        for group in (self.delivering, self.part_canceling, self.assigning, self.sending, self.failing):
            forms += list(group.values())
        return next((form for form in forms if form is not None and form.errors), None)


def order_or_404(order_id: int, seller_order_id: int | None = None) -> OrderPage:
    """The order; with a parcel of it when one is named, of this order and no other."""
    order = detail(order_id)
    if order is None or (seller_order_id is not None and seller_order_id not in [part.id for part in order.parts]):
        abort(404)
    return order


def order_page(order: OrderPage, given: Given | None = None) -> str:
    """The HTML of the page; `given` holds forms that came back, and what a refund would do."""
    given = given or Given()
    refunds = refunds_of(order.id)
    shares = queries.shares_of(order.id)
    chosen = _chosen(order, given, shares)
    left = refundable(chosen) if chosen else None
    if given.refund:
        form: RefundForm | None = given.refund[1]
    else:
        form = refund_form(left, formdata=None, request_key=new_token()) if left else None
    return render_template(
        "admin/order.html",
        order=order,
        attempts=queries.attempts_of(order.id),
        events=queries.events_of(order.id),
        record_rows=of_subjects(_subjects(order, refunds), RECORD),
        books=books.order_books(order.id),
        refunds=refunds,
        disputes=disputes_of(order.id),
        shares=shares,
        held=why_held([part.id for part in order.parts]) if order.is_paid else {},
        chosen=chosen,
        left=left,
        refunding=form,
        preview=given.preview,
        happened=happened(order, refunds),
        given=given,
        form=given.wrong,
        forms=_forms(order, refunds, given),
        can_retry=can_retry,
        channels=CHANNELS,
        origins=ORIGINS,
        ledger=ledger_words,
        words=words,
    )


def _subjects(order: OrderPage, refunds: Sequence[RefundView]) -> dict[str, list[int]]:
    """Whose acts stand in the record of the page: the order's, its parcels' and its refunds'."""
    parts, given_back = [part.id for part in order.parts], [refund.id for refund in refunds]
    return {"order": [order.id], "seller_order": parts, "refund": given_back}


def _chosen(order: OrderPage, given: Given, shares: dict[int, queries.Share]) -> int | None:
    """The parcel that the refund form is about: the one that was asked for, else the first with something left."""
    if given.refund:
        return given.refund[0]
    if not order.is_paid:
        return None
    open_parts = [part.id for part in order.parts if shares[part.id].left and part.status is not Part.PENDING]
    asked = request.args.get("refund", type=int)
    return asked if asked in open_parts else next(iter(open_parts), None)


@dataclass(frozen=True)
class Forms:
    canceling: WhyForm
    delivering: dict[int, WhyForm]
    part_canceling: dict[int, PartCancelForm]
    assigning: dict[int, AssignForm]
    sending: dict[int, TransferForm]
    failing: dict[int, WhyForm]


def _forms(order: OrderPage, refunds: Sequence[RefundView], given: Given) -> Forms:
    """What may be filled in as the order stands: fresh forms, but for those that came back."""
    manual = [refund.id for refund in refunds if is_manual_open(refund)]
    return Forms(
        canceling=given.canceling or WhyForm(formdata=None),
        delivering={
            part.id: given.delivering.get(part.id) or WhyForm(formdata=None, about=f"p{part.id}")
            for part in order.parts
            if part.status is Part.SHIPPED
        },
        part_canceling={
            part.id: given.part_canceling.get(part.id) or PartCancelForm(formdata=None, about=f"c{part.id}")
            for part in order.parts
            if order.is_paid and part.status in BEFORE_POSTING and not part.trackings
        },
        assigning={
            refund.id: given.assigning.get(refund.id) or assign_form(order, formdata=None)
            for refund in refunds
            if is_unassigned(refund)
        },
        sending={ident: given.sending.get(ident) or TransferForm(formdata=None, about=f"s{ident}") for ident in manual},
        failing={ident: given.failing.get(ident) or WhyForm(formdata=None, about=f"f{ident}") for ident in manual},
    )


def assign_form(order: OrderPage, **given: Any) -> AssignForm:
    parcels = [(part.id, f"{part.workshop_name}, {money(part.total)}") for part in order.parts]
    return AssignForm(**given).offer(parcels)
