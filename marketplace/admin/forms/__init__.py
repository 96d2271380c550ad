"""What an admin fills in, by what it is about."""

from .decisions import ApplicationForm, ListingForm, SuspensionForm, TakedownForm, WhyForm
from .rates import CommissionForm, RateForm
from .refunds import AssignForm, PartCancelForm, RefundForm, TransferForm, refund_form

__all__ = [
    "ApplicationForm",
    "AssignForm",
    "CommissionForm",
    "ListingForm",
    "PartCancelForm",
    "RateForm",
    "RefundForm",
    "SuspensionForm",
    "TakedownForm",
    "TransferForm",
    "WhyForm",
    "refund_form",
]
