"""What the door may answer. Nothing here tells whether an account exists (security.md 26)."""

from __future__ import annotations

from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l


class WrongCredentials(DomainError):
    message = _l("Email and password do not match. If you have just signed up, open the link in our email first.")


class AccountClosed(DomainError):
    """Said only to somebody who knows the password."""

    message = _l("This account is closed. Write to us and we look into it.")


class WrongPassword(DomainError):
    message = _l("This is not your current password.")


class WrongCode(DomainError):
    message = _l("This code does not match. Each code works once: wait for the next one in the app.")


class SecondFactorOn(DomainError):
    message = _l("Two-step sign-in is on already.")


class SetUpOver(DomainError):
    message = _l("This set-up is over. Begin again.")


class TooManyTries(DomainError):
    message = _l("Too many tries. Wait %(minutes)s min, then try again.")

    @property
    def seconds(self) -> int:
        return int(self.facts["minutes"]) * 60


class LinkDead(DomainError):
    message = _l("This link has been used already or is too old. Ask for a new one.")


class SameEmail(DomainError):
    message = _l("This is your email already.")


class EmailTaken(DomainError):
    """Only for staff and the command line."""

    message = _l("There is an account with this email already.")


class NotYourself(DomainError):
    message = _l("You cannot close your own account here.")


class AddressBookFull(DomainError):
    message = _l("The address book is full. Remove an address first.")
