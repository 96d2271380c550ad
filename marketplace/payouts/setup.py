"""Which ways of paying workshops the shop has, and the commands and timers of payouts and of the books."""

from __future__ import annotations

from flask import Flask, current_app

from config import Config
from marketplace.payments.processors import PaymentProcessor

from .errors import UnknownProvider
from .providers import PayoutProvider
from .providers.manual import ManualProvider


def provider_named(name: str) -> PayoutProvider:
    """Raises UnknownProvider."""
    providers: dict[str, PayoutProvider] = current_app.extensions["payout_providers"]
    if name not in providers:
        raise UnknownProvider
    return providers[name]


def provider_names() -> list[str]:
    """Those the shop is set up for; the bank file always is."""
    return list(current_app.extensions["payout_providers"])


def takes_real_money() -> bool:
    """Whether the shop's buyers pay with real money now: which of the two kinds of runs is the usual one."""
    processors: dict[str, PaymentProcessor] = current_app.extensions["payment_processors"]
    return any(processor.livemode for processor in processors.values())


def _providers(config: Config) -> dict[str, PayoutProvider]:
    found: dict[str, PayoutProvider] = {"manual": ManualProvider()}
    if config.stripe_secret_key:
        from .providers.stripe import StripeProvider

        found["stripe"] = StripeProvider(config.stripe_secret_key, config.stripe_api_base)
    return found


def init_app(app: Flask) -> None:
    from . import sweepers  # noqa: F401 (registers them)
    from .cli import books_group

    app.extensions["payout_providers"] = _providers(app.config["SHOP"])
    app.cli.add_command(books_group)
