"""Reads about workshops, applications and bank accounts."""

from .applications import OwnApplication, OwnWorkshop, application_of, workshop_of
from .bank import BankDetails, BankView, bank_account_of, bank_details

__all__ = [
    "BankDetails",
    "BankView",
    "OwnApplication",
    "OwnWorkshop",
    "application_of",
    "bank_account_of",
    "bank_details",
    "workshop_of",
]
