"""States and acts in words. Never a raw state: 'pending' is also a belt (domain.md 2.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from babel.dates import format_date
from babel.numbers import format_compact_decimal

from marketplace.audit.queries import AuditEntry
from marketplace.catalog.models import ListingState
from marketplace.core import clock
from marketplace.core.i18n import Lazy, and_list, day, hour, language, ngettext, percent
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.money import Money
from marketplace.moderation.queries.listings import Piece, Row
from marketplace.orders.queries import LineView
from marketplace.payments.models import AttemptStatus, RefundStatus
from marketplace.payments.queries.holding import Held, HoldCode
from marketplace.workshops.models import ApplicationStatus, MemberRole

APPLICATION: dict[ApplicationStatus, tuple[Lazy, str]] = {
    ApplicationStatus.DRAFT: (_l("Draft"), ""),
    ApplicationStatus.APPLIED: (_l("Waits for a decision"), "warn"),
    ApplicationStatus.SENT_BACK: (_l("Sent back"), ""),
    ApplicationStatus.APPROVED: (_l("Approved"), "ok"),
    ApplicationStatus.REJECTED: (_l("Rejected"), "bad"),
}
LISTING: dict[ListingState, tuple[Lazy, str]] = {
    ListingState.DRAFT: (_l("Draft"), ""),
    ListingState.LIVE: (_l("On sale"), "ok"),
    ListingState.PAUSED: (_l("Paused"), ""),
    ListingState.ARCHIVED: (_l("Archived"), ""),
}
ATTEMPT: dict[AttemptStatus, tuple[Lazy, str]] = {
    AttemptStatus.CREATED: (_l("Begun"), ""),
    AttemptStatus.OPEN: (_l("Page is open"), "warn"),
    AttemptStatus.PROCESSING: (_l("The bank decides"), "warn"),
    AttemptStatus.PAID: (_l("Paid"), "ok"),
    AttemptStatus.FAILED: (_l("Failed"), "bad"),
    AttemptStatus.EXPIRED: (_l("Time is up"), ""),
}
REFUND: dict[RefundStatus, tuple[Lazy, str]] = {
    RefundStatus.REQUESTED: (_l("Asked for"), "warn"),
    RefundStatus.PENDING: (_l("At the bank"), "warn"),
    RefundStatus.SUCCEEDED: (_l("Done"), "ok"),
    RefundStatus.FAILED: (_l("Failed"), "bad"),
}
ROLES: dict[MemberRole, Lazy] = {
    MemberRole.OWNER: _l("Owner"),
    MemberRole.MAKER: _l("Smith"),
    MemberRole.PACKER: _l("Packer"),
}
LACKING: dict[str, Lazy] = {
    "email": _l("Email not confirmed"),
    "bench": _l("No photo of the bench"),
    "piece": _l("Fewer than 3 pieces"),
    "proof": _l("No proof of identity"),
    "name": _l("Name is taken"),
}
SUBJECTS: dict[str, Lazy] = {
    "application": _l("Applications"),
    "workshop": _l("Workshops"),
    "listing": _l("Pieces"),
    "order": _l("Orders"),
    "seller_order": _l("Parcels"),
    "user": _l("People"),
    "rate": _l("Exchange rates"),
    "commission": _l("Commission"),
    "refund": _l("Refunds"),
    "dispute": _l("Disputes"),
    "difference": _l("Differences"),
    "payout_run": _l("Runs of payouts"),
    "payout": _l("Payouts"),
    "bank_account": _l("Bank accounts"),
    "payout_account": _l("Accounts at the payout provider"),
}
SUBJECT: dict[str, Lazy] = {
    "application": _l("Application"),
    "workshop": _l("Workshop"),
    "listing": _l("Piece"),
    "order": _l("Order"),
    "seller_order": _l("Parcel"),
    "user": _l("Person"),
    "rate": _l("Exchange rate"),
    "commission": _l("Commission"),
    "refund": _l("Refund"),
    "dispute": _l("Dispute"),
    "difference": _l("Difference"),
    "payout_run": _l("Run of payouts"),
    "payout": _l("Payout"),
    "bank_account": _l("Bank account"),
    "payout_account": _l("Account at the payout provider"),
}
ACTS: dict[str, Lazy] = {
    "application.submit": _l("handed in the application"),
    "application.appeal": _l("appealed"),
    "application.approve": _l("approved the application"),
    "application.sent_back": _l("asked for more"),
    "application.rejected": _l("rejected the application"),
    "workshop.open": _l("opened the workshop"),
    "workshop.suspend": _l("suspended the workshop"),
    "workshop.reinstate": _l("lifted the suspension"),
    "workshop.trust": _l("gave trust: new pieces are shown at once"),
    "workshop.distrust": _l("took trust back: new pieces are looked at first"),
    "holiday.save": _l("planned a holiday"),
    "holiday.remove": _l("took a holiday back"),
    "holiday.days": _l("chose the days of ceremony"),
    "listing.submit": _l("published the piece, or sent it to be looked at"),
    "listing.withdraw": _l("took the piece back from review"),
    "listing.pause": _l("hid the piece"),
    "listing.resume": _l("showed the piece again"),
    "listing.archive": _l("put the piece away"),
    "listing.bring_back": _l("took the piece out of the archive"),
    "listing.copy": _l("copied a piece"),
    "workshop.profile": _l("changed the workshop's own words"),
    "listing.approve": _l("approved the piece"),
    "listing.reject": _l("sent the piece back"),
    "listing.take_down": _l("took the piece down"),
    "listing.restore": _l("restored the piece"),
    "order.cancel": _l("canceled the order"),
    "seller_order.refuse": _l("refused the order"),
    "seller_order.accept": _l("accepted the order"),
    "seller_order.start": _l("began with the order"),
    "seller_order.ship": _l("posted a parcel"),
    "shipment.correct": _l("corrected a tracking number"),
    "seller_order.deliver": _l("marked the parcel as delivered"),
    "user.second_factor_on": _l("turned two-step sign-in on"),
    "user.second_factor_off": _l("turned two-step sign-in off"),
    "user.recovery_code": _l("used a recovery code"),
    "user.recovery_codes": _l("made new recovery codes"),
    "member.invite": _l("invited somebody"),
    "member.invite_again": _l("sent an invitation again"),
    "member.uninvite": _l("took an invitation back"),
    "member.decline": _l("declined an invitation"),
    "member.join": _l("joined the workshop"),
    "member.role": _l("changed what somebody may do"),
    "member.remove": _l("took somebody's access away"),
    "member.leave": _l("left the workshop"),
    "user.disable": _l("closed the account"),
    "user.enable": _l("opened the account again"),
    "user.make_admin": _l("made an admin"),
    "user.unmake_admin": _l("took the rights of an admin away"),
    "user.create_admin": _l("created an admin"),
    "rate.enter": _l("entered an exchange rate"),
    "metal_rate.enter": _l("entered a metal rate"),
    "commission.set": _l("entered a rate of commission"),
    "commission.withdraw": _l("took a rate of commission back"),
    "refund.ask": _l("asked for a refund"),
    "refund.retry": _l("asked for a failed refund once more"),
    "refund.sent": _l("sent a refund by bank transfer"),
    "refund.failed": _l("noted that a refund failed"),
    "refund.found": _l("found a refund that was made at the processor"),
    "refund.assign": _l("said which parcel a refund belongs to"),
    "dispute.move": _l("took over what the bank said"),
    "dispute.evidence": _l("gathered evidence"),
    "dispute.refused": _l("tried to send the evidence, and the processor refused it"),
    "dispute.submit": _l("sent the evidence to the bank"),
    "dispute.parcel": _l("said which parcel the dispute is about"),
    "dispute.decide": _l("decided who bears a lost dispute"),
    "dispute.give_back": _l("gave a workshop back what it had borne"),
    "difference.settle": _l("settled a difference"),
    "payout_run.prepare": _l("prepared a run of payouts"),
    "payout_run.approve": _l("approved the run"),
    "payout_run.send": _l("sent the run"),
    "payout_run.file": _l("downloaded the bank file"),
    "payout_run.cancel": _l("canceled the run"),
    "payout.cancel": _l("took a payout out of its run"),
    "payout.paid": _l("noted a payout as paid"),
    "payout.failed": _l("noted a payout as failed"),
    "payout.returned": _l("noted that a payout came back"),
    "payout.take_back": _l("asked for a payout back"),
    "payout.not_taken_back": _l("could not get a payout back"),
    "payout.unknown": _l("lost track of a payout"),
    "payout.send_again": _l("sent a payout again"),
    "payout_account.open": _l("opened an account at the payout provider"),
    "payouts.hold": _l("held the payouts of a workshop"),
    "payouts.release": _l("let the payouts of a workshop go"),
    "seller_order.cancel": _l("canceled the parcel"),
    "bank_account.add": _l("gave a bank account"),
    "bank_account.change": _l("changed the bank account"),
    "bank_account.problem": _l("noted that the bank account does not work"),
    "bank_account.clear": _l("noted that the bank account works again"),
}


def state_of(piece: Piece | Row) -> tuple[str, str]:
    """The one word that tells the public side of a piece, and its kind of tag."""
    is_down = piece.is_down if isinstance(piece, Row) else piece.taken_down_at is not None
    is_hidden = piece.is_hidden if isinstance(piece, Row) else piece.is_suspended
    if is_down:
        return _("Taken down"), "bad"
    if is_hidden and piece.state is ListingState.LIVE:
        return _("Hidden, workshop suspended"), "bad"
    word, kind = LISTING[piece.state]
    return str(word), kind


def act_of(entry: AuditEntry) -> str:
    return str(ACTS.get(entry.action, entry.action))


def what(entry: AuditEntry) -> str:
    """What somebody did, with the words that they gave for it."""
    return f"{act_of(entry)}. “{entry.reason}”" if entry.reason else f"{act_of(entry)}."


def percents(lines: Iterable[LineView]) -> str:
    """The frozen rates of a parcel's lines: 8%, or 7,5% and 8%."""
    return and_list([percent(basis_points) for basis_points in sorted({line.commission_bp for line in lines})])


def stamp(at: datetime) -> str:
    """A moment in the narrow column of a record: 24 Nov 09:12, with the year once it is over."""
    local = clock.local(at)
    pattern = "d MMM" if local.year == clock.today().year else "d MMM y"
    return f"{format_date(local, pattern, locale=language())} {hour(at)}"


def short(amount: Money) -> str:
    """A large sum where there is little room: 12.3M, 12,3 jt."""
    return format_compact_decimal(amount.decimal, locale=language(), fraction_digits=1)


def sign(currency: str) -> str:
    """What stands before a field for a sum: Rp, $, or the currency's code."""
    return {"IDR": "Rp", "USD": "$", "AUD": "A$"}.get(currency, currency)


def refund_state(status: RefundStatus) -> tuple[str, str]:
    """How far a refund is, as the collective says it; the buyer's words stand in payments/queries/refunds.py."""
    word, kind = REFUND[status]
    return str(word), kind


def held_tag(held: Held | None) -> tuple[str, str] | None:
    """Beside a parcel that has arrived: what its money waits for, or that it is the workshop's now."""
    if held is None:
        return None
    if held.code is HoldCode.HOLD and held.on:
        return str(_("Money held until %(day)s", day=day(held.on, year=False))), ""
    found = {HoldCode.DISPUTE: (_("Held for a dispute"), "warn"), HoldCode.EARNED: (_("Earned"), "ok")}
    return found.get(held.code)


def age(since: datetime) -> str:
    """How long something waits: minutes, hours, then days."""
    spent = clock.now() - since
    if spent < timedelta(hours=1):
        minutes = max(0, spent // timedelta(minutes=1))
        return str(ngettext("%(num)s minute", "%(num)s minutes", minutes))
    if spent < timedelta(days=1):
        return str(ngettext("%(num)s hour", "%(num)s hours", spent // timedelta(hours=1)))
    return str(ngettext("%(num)s day", "%(num)s days", spent.days))


def sentence(text: Lazy) -> str:
    """A reason as a line of its own begins with a capital."""
    words = str(text)
    return words[:1].upper() + words[1:]
