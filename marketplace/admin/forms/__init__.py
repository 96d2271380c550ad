"""What an admin fills in, by what it is about."""

from .decisions import ApplicationForm, ListingForm, SuspensionForm, TakedownForm, WhyForm
from .disputes import BearerForm, EvidenceForm, ParcelForm
from .payouts import AccountForm, NotPaidForm, PrepareForm
from .rates import CommissionForm, MetalRateForm, RateForm
from .refunds import AssignForm, PartCancelForm, RefundForm, TransferForm, refund_form

__all__ = [
    "AccountForm",
    "ApplicationForm",
    "AssignForm",
    "BearerForm",
    "CommissionForm",
    "EvidenceForm",
    "ListingForm",
    "MetalRateForm",
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
