"""Indonesian banks: their three-digit clearing codes and how long their account numbers usually are.

Codes as in the interbank network; lengths as printed in passbooks, a range where a bank has several series or where
we are not certain. A village credit body (LPD) is not on the list: it is outside the interbank network.
"""

from __future__ import annotations

from dataclasses import dataclass

SHORTEST, LONGEST = 8, 16  # of a number whose bank has no usual length


@dataclass(frozen=True, slots=True)
class Bank:
    """`name` is a proper name, the same in every language; `lengths` are digits of an account number."""

    code: str
    name: str
    lengths: tuple[int, ...] = tuple(range(SHORTEST, LONGEST + 1))


def _from_to(first: int, last: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1))


# Those that workshops in Gianyar use most stand first; the rest by name.
COMMON = (
    Bank("129", "BPD Bali", _from_to(10, 16)),
    Bank("002", "BRI", (15,)),
    Bank("014", "BCA", (10,)),
    Bank("008", "Mandiri", (13,)),
    Bank("009", "BNI", (10,)),
)
OTHERS = (
    Bank("536", "BCA Syariah", (10,)),
    Bank("451", "BSI (Bank Syariah Indonesia)", (10,)),
    Bank("200", "BTN", (16,)),
    Bank("022", "CIMB Niaga", _from_to(12, 14)),
    Bank("011", "Danamon", _from_to(10, 12)),
    Bank("016", "Maybank Indonesia", _from_to(10, 12)),
    Bank("426", "Mega", _from_to(10, 15)),
    Bank("147", "Muamalat", _from_to(10, 12)),
    Bank("028", "OCBC Indonesia", (12,)),
    Bank("019", "Panin", _from_to(10, 12)),
    Bank("013", "Permata", _from_to(9, 16)),
    Bank("153", "Sinarmas", _from_to(10, 14)),
)
BANKS = (*COMMON, *OTHERS)
_BY_CODE = {bank.code: bank for bank in BANKS}


def bank_of(code: str) -> Bank | None:
    return _BY_CODE.get(code)


def name_of(code: str) -> str:
    """The bank's name; of one that has left the list, its code."""
    bank = bank_of(code)
    return bank.name if bank else code


def masked(last_digits: str) -> str:
    """How a number is shown: its last four digits, the rest as dots."""
    return f"···{last_digits}"
