"""What people can do with their account. Each verb is one transaction."""

from .addresses import AddressEntry, remove_address, save_address, use_first
from .emails import ask_new_email, confirm_new_email
from .entry import SignUp, ask_sign_in_link, authenticate, confirm, sign_in_by_link, sign_up
from .links import LinkFacts, link_for, look_at
from .passwords import ask_reset, change_password, prove_password, reset
from .people import create_user, disable, enable, end_other_sessions, end_session, forget_old_rows

__all__ = [
    "AddressEntry",
    "LinkFacts",
    "SignUp",
    "ask_new_email",
    "ask_reset",
    "ask_sign_in_link",
    "authenticate",
    "change_password",
    "confirm",
    "confirm_new_email",
    "create_user",
    "disable",
    "enable",
    "end_other_sessions",
    "end_session",
    "forget_old_rows",
    "link_for",
    "look_at",
    "prove_password",
    "remove_address",
    "reset",
    "save_address",
    "sign_in_by_link",
    "sign_up",
    "use_first",
]
