"""Decisions of the collective: each one transaction with its audit row and its mail."""

from .commission import (
    Backdated,
    CommissionEntry,
    CommissionOutOfRange,
    FloorAboveCap,
    InForce,
    TooFarAhead,
    set_commission,
    withdraw_commission,
)
from .listings import AlreadyDown, NotDown, approve_listing, reject_listing, restore, take_down
from .people import (
    LastAdmin,
    NotYourself,
    disable_person,
    enable_person,
    make_admin,
    unmake_admin,
)
from .rates import RateOutOfRange, enter_rate
from .workshops import AlreadySuspended, NotSuspended, reinstate, suspend

__all__ = [
    "AlreadyDown",
    "AlreadySuspended",
    "Backdated",
    "CommissionEntry",
    "CommissionOutOfRange",
    "FloorAboveCap",
    "InForce",
    "LastAdmin",
    "NotDown",
    "NotSuspended",
    "NotYourself",
    "RateOutOfRange",
    "TooFarAhead",
    "approve_listing",
    "disable_person",
    "enable_person",
    "enter_rate",
    "make_admin",
    "reinstate",
    "reject_listing",
    "restore",
    "set_commission",
    "suspend",
    "take_down",
    "unmake_admin",
    "withdraw_commission",
]
