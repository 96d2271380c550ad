"""Running the checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.i18n import Lazy, money
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.money import EXPONENTS, Money

from . import charges, disputes, earned, entries, live, orders, payouts, refunds, shop
from .statements import Check, Compared, Row

FIRST = 5  # subjects named for each check that fails
MOST = 40  # rows read of one that fails: several accounts may be wrong for one subject

# The order is that of payments.md 8, then security.md 7.
_RULES: tuple[tuple[str, Lazy], ...] = (
    ("balanced", _l("Every transaction sums to zero, and belongs to something")),
    ("charges", _l("One charge per payment, as much as was paid")),
    ("orders", _l("Paid = order = its workshop parts")),
    ("held", _l("Held money = what is not yet earned")),
    ("commission", _l("Commission = its share of what was earned")),
    ("workshops", _l("A workshop’s balance = earned − refunded − paid out")),
    ("refunds", _l("Every refund is booked once, never above what was paid")),
    ("payouts", _l("Payouts equal their lines, and each line is paid once")),
    ("processors", _l("What processors and banks keep = what was received and not sent")),
    ("live", _l("Nothing from the demo was paid out")),
    ("stock", _l("No piece is sold twice or kept without an order")),
    ("news", _l("Every buyer who paid was told")),
)
_CHECKS: tuple[Check, ...] = (
    *entries.CHECKS,
    *charges.CHECKS,
    *orders.CHECKS,
    *earned.CHECKS,
    *refunds.CHECKS,
    *payouts.CHECKS,
    *disputes.CHECKS,
    *live.CHECKS,
    *shop.CHECKS,
)


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule (its code), the row that breaks it ('refund:17'), and how, in the reader's language."""

    rule: str
    subject: str
    text: str


def rules() -> list[tuple[str, str]]:
    """(code, words) of every rule that `check` proves."""
    return [(code, str(words)) for code, words in _RULES]


def check() -> list[Breach]:
    """What does not fit together, rule by rule, the first rows of each; empty when every rupiah is accounted for.

    Reads only. Each statement sees one moment, so it may run while the shop sells.
    """
    places = {code: place for place, (code, _words) in enumerate(_RULES)}
    found = [breach for one in _CHECKS for breach in _breaches(one)]
    return sorted(found, key=lambda breach: places[breach.rule])


def _breaches(one: Check) -> Iterable[Breach]:
    rows: list[Row] = [dict(row) for row in db.session.execute(sa.text(one.sql), {"most": MOST}).mappings()]
    by_subject = [(subject, list(group)) for subject, group in groupby(rows, key=lambda row: str(row["subject"]))]
    for subject, group in by_subject[:FIRST]:
        text = "; ".join(_sentence(one, row) for row in group)
        yield Breach(one.rule, subject, text)


def _sentence(one: Check, row: Row) -> str:
    if isinstance(one, Compared):
        shown = {name: _amount(row[name], row["currency"]) for name in ("booked", "due")}
        return _("%(account)s: booked %(booked)s, due %(due)s", account=row["account"], **shown)
    shown = {
        name: _amount(value, row["currency"]) if name.endswith("_amount") else value for name, value in row.items()
    }
    return str(one.sentence) % shown


def _amount(value: Any, currency: str) -> str:
    """Sums come as Decimal from PostgreSQL; a currency that nobody knows is shown as it stands."""
    return money(Money(int(value), currency)) if currency in EXPONENTS else f"{currency} {int(value)}"
