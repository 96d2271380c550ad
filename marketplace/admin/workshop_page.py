"""The page of a workshop, put together for every view that shows it: pieces, money, people, record."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, render_template

from marketplace.ledger.queries import owed_to
from marketplace.moderation.queries import commission, payouts
from marketplace.moderation.queries import workshops as queries
from marketplace.payouts.queries import next_payout, payouts_of
from marketplace.payouts.setup import provider_names
from marketplace.shipping.words import NAMES, when
from marketplace.workshops.models import CLOSED_DAYS
from marketplace.workshops.queries import bank_account_of, holidays

from . import ledger_words, payout_words, words
from .forms import AccountForm, SuspensionForm, WhyForm

PAYOUTS = 5


@dataclass
class Given:
    """Forms that came back with an error."""

    suspending: SuspensionForm | None = None
    lifting: WhyForm | None = None
    trusting: WhyForm | None = None
    holding: WhyForm | None = None
    clearing: WhyForm | None = None
    opening: AccountForm | None = None

    @property
    def wrong(self) -> object:
        forms = (self.suspending, self.lifting, self.trusting, self.holding, self.clearing, self.opening)
        return next((form for form in forms if form is not None), None)


def workshop_page(workshop_id: int, given: Given | None = None) -> str:
    given = given or Given()
    workshop = queries.workshop(workshop_id)
    if workshop is None:
        abort(404)
    return render_template(
        "admin/workshop.html",
        workshop=workshop,
        balance=owed_to(workshop_id),
        next=next_payout(workshop_id),
        bank=bank_account_of(workshop_id),
        keeping=holidays.keeping_of(workshop_id),
        ceremony_names=[(code, str(NAMES[code])) for code in CLOSED_DAYS],
        when=when,
        hold=payouts.hold_of(workshop_id),
        accounts=payouts.provider_accounts(workshop_id) if len(provider_names()) > 1 else (),
        providers=provider_names()[1:],
        paid=payouts_of(workshop_id, limit=PAYOUTS).rows,
        rates=commission.in_force(workshop_id),
        given=given,
        form=given.wrong,
        suspending=given.suspending or SuspensionForm(formdata=None),
        lifting=given.lifting or WhyForm(formdata=None),
        trusting=given.trusting or WhyForm(formdata=None, about="trust"),
        holding=given.holding or WhyForm(formdata=None, about="hold"),
        clearing=given.clearing or WhyForm(formdata=None, about="bank"),
        opening=given.opening or AccountForm(formdata=None),
        payouts=payout_words,
        ledger=ledger_words,
        words=words,
    )
