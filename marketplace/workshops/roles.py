"""What a member of a workshop may do. Said once: each seller's endpoint names its act, or the app does not start."""

from __future__ import annotations

import enum

from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l

from .models import MemberRole


class Act(enum.StrEnum):
    LOOK = "look"  # the first page, one's own membership
    PIECES = "pieces"  # write, photograph, publish, hide
    PRICES = "prices"  # costing, repricing, many prices at once
    STOCK = "stock"  # count pieces, say why a number changed
    ORDERS = "orders"  # accept, start, pack, post, print
    REFUND = "refund"
    TALK = "talk"  # with buyers
    KNOW = "know"  # views, best pieces, demand
    MONEY = "money"  # earnings, statements, payouts
    BANK = "bank"
    SETTINGS = "settings"  # public words, holidays
    PEOPLE = "people"  # invite, change, remove


_BENCH = frozenset({Act.LOOK, Act.STOCK, Act.ORDERS})
ALLOWED: dict[MemberRole, frozenset[Act]] = {
    MemberRole.PACKER: _BENCH,
    MemberRole.MAKER: _BENCH | {Act.PIECES, Act.PRICES, Act.TALK, Act.KNOW, Act.SETTINGS},
    MemberRole.OWNER: frozenset(Act),
}


def may(role: MemberRole, act: str) -> bool:
    return act in ALLOWED[role]


_WORDS: dict[MemberRole, tuple[Lazy, Lazy]] = {
    MemberRole.OWNER: (_l("Owner"), _l("Everything, money, bank account and people too")),
    MemberRole.MAKER: (_l("Maker"), _l("Pieces, prices, stock, orders and messages; no earnings, no bank account")),
    MemberRole.PACKER: (_l("Packer"), _l("Orders, parcels and stock; no prices to change, no earnings")),
}


def name_of(role: MemberRole) -> Lazy:
    """The role in one word."""
    return _WORDS[role][0]


def may_in_words(role: MemberRole | str) -> Lazy:
    """What the role may do, for who chooses one."""
    return _WORDS[MemberRole(role)][1]
