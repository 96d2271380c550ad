"""What an admin fills in, by what it is about."""

from .decisions import ApplicationForm, ListingForm, SuspensionForm, TakedownForm, WhyForm
from .rates import CommissionForm, RateForm

__all__ = [
    "ApplicationForm",
    "CommissionForm",
    "ListingForm",
    "RateForm",
    "SuspensionForm",
    "TakedownForm",
    "WhyForm",
]
