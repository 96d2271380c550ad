"""Who takes the money, and what hangs payments into the app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypedDict

from flask import Flask, current_app

from config import Config
from marketplace.core.money import Money

from .errors import OfferGone, PaymentsNotSetUp
from .offers import Offer, offers_of
from .processors import PaymentProcessor
from .processors.demo import DemoProcessor


class Pace(TypedDict):
    """(connect, read) time-outs in seconds, and how often a call is made again."""

    timeout: tuple[float, float]
    retries: int


HURRIED: Pace = {"timeout": (3, 8), "retries": 1}  # a buyer waits
PATIENT: Pace = {"timeout": (3, 15), "retries": 2}
_patient: ContextVar[bool] = ContextVar("payments_patient", default=False)


def has_processors() -> bool:
    """Whether anybody at all takes money here."""
    return bool(current_app.config["SHOP"].processors)


def offers(total: Money) -> list[Offer]:
    """How this sum can be paid here, in the order of the page; none: nobody may take this money."""
    return offers_of(current_app.config["SHOP"].processors, total)


def offer_for(total: Money, name: str | None = None) -> Offer:
    """The way to pay with this name, the first of a processor's with its name, or the first of all.

    Raises:
        PaymentsNotSetUp: nobody takes this money (production without keys, or a currency without a processor).
        OfferGone: not in this way.
    """
    found = offers(total)
    if not found:
        raise PaymentsNotSetUp
    for offer in found:
        if name is None or name in (offer.name, offer.processor):
            return offer
    raise OfferGone


def processor_named(name: str) -> PaymentProcessor | None:
    """The processor of an attempt or a message, None when the shop no longer runs with it."""
    processors: dict[str, PaymentProcessor] = current_app.extensions["payment_processors"]
    if _patient.get():
        return processors.get(f"{name}/patient") or processors.get(name)
    return processors.get(name)


def processor_names() -> list[str]:
    """Those that the shop runs with."""
    return sorted({name.partition("/")[0] for name in current_app.extensions["payment_processors"]})


def lenient_processors() -> list[str]:
    """Those whose page can still be paid on after a bank has said no there."""
    found = ((name, processor_named(name)) for name in processor_names())
    return [name for name, known in found if known is not None and known.keeps_refused_pages]


def listing_processors() -> list[str]:
    """Those of them that keep a list of what moved, with their fees."""
    found = ((name, processor_named(name)) for name in processor_names())
    return [name for name, known in found if known is not None and known.caps("IDR").lists]


@contextmanager
def unhurried() -> Iterator[None]:
    """Inside, no buyer waits: longer time-outs and more retries (security.md 13)."""
    token = _patient.set(True)
    try:
        yield
    finally:
        _patient.reset(token)


def site_url() -> str:
    return str(current_app.config["SITE_URL"])


def _processors(config: Config) -> dict[str, PaymentProcessor]:
    """Everybody who may take money, each under its name; with '/patient' where nobody waits."""
    made: dict[str, PaymentProcessor] = {}
    if "demo" in config.processors:
        made["demo"] = DemoProcessor(config.secret_key, config.site_url)
    if "stripe" in config.processors:
        from .processors.stripe import StripeProcessor

        keys = (config.stripe_secret_key, config.stripe_webhook_secret, config.stripe_api_base)
        made["stripe"] = StripeProcessor(*keys, **HURRIED)
        made["stripe/patient"] = StripeProcessor(*keys, **PATIENT)
    if "midtrans" in config.processors:
        from .processors.midtrans import MidtransProcessor

        account = (config.midtrans_server_key, *config.midtrans_addresses)
        made["midtrans"] = MidtransProcessor(*account, livemode=config.midtrans_is_live, **HURRIED)
        made["midtrans/patient"] = MidtransProcessor(*account, livemode=config.midtrans_is_live, **PATIENT)
    return made


def init_app(app: Flask) -> None:
    from . import (
        cli,
        sweepers,  # noqa: F401 (registers them)
    )
    from .views import webhooks

    config: Config = app.config["SHOP"]
    app.extensions["payment_processors"] = _processors(config)
    app.register_blueprint(webhooks)
    app.cli.add_command(cli.group(with_demo="demo" in config.processors))
    if "demo" in config.processors:
        from .demo_views import bp

        app.register_blueprint(bp)
