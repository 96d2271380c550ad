"""What an admin fills in, by what it is about."""

from .decisions import ApplicationForm, ListingForm, SuspensionForm, TakedownForm, WhyForm
from .disputes import BearerForm, EvidenceForm, ParcelForm
from .payouts import NotPaidForm, PrepareForm
from .rates import CommissionForm, RateForm
from .refunds import AssignForm, PartCancelForm, RefundForm, TransferForm, refund_form

__all__ = [
    "ApplicationForm",
    "AssignForm",
    "BearerForm",
    "CommissionForm",
    "EvidenceForm",
    "ListingForm",
    "NotPaidForm",
    "ParcelForm",
    "PartCancelForm",
    "PrepareForm",
    "RateForm",
    "RefundForm",
    "SuspensionForm",
    "TakedownForm",
    "TransferForm",
    "WhyForm",
    "refund_form",
]
