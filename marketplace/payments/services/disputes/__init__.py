"""A buyer's bank asks for the money back: what it says, what we answer, and who bears what is lost."""

from .answering import note_evidence, submit_evidence
from .deciding import decide_lost, give_back, name_parcel
from .settling import ChargeUnknown, settle_dispute

__all__ = [
    "ChargeUnknown",
    "decide_lost",
    "give_back",
    "name_parcel",
    "note_evidence",
    "settle_dispute",
    "submit_evidence",
]
