"""Why the shop itself took a payout out of its run: kept as a code, read in the reader's language."""

from __future__ import annotations

from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l

ACCOUNT_CHANGED, ACCOUNT_PROBLEM = "account_changed", "account_problem"
BALANCE_FELL, DISPUTED, HELD = "balance_fell", "disputed", "held"
REASONS: dict[str, Lazy] = {
    ACCOUNT_CHANGED: _l("The bank account was changed after this payout was prepared."),
    ACCOUNT_PROBLEM: _l("The bank sent money back from this account."),
    BALANCE_FELL: _l("A refund came in between: the workshop is owed less than this payout."),
    DISPUTED: _l("A buyer's bank opened a dispute about one of its orders."),
    HELD: _l("The collective holds this workshop's payouts."),
}


def words_of(reason: str) -> str:
    """The sentence behind a code; what a person or a bank wrote is given as it is."""
    return str(REASONS[reason]) if reason in REASONS else reason
