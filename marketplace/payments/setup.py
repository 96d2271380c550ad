"""Which processor takes the money, and what hangs payments into the app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flask import Flask, current_app

from config import Config

from .errors import PaymentsNotSetUp
from .processors import PaymentProcessor
from .processors.demo import DemoProcessor

_patient: ContextVar[bool] = ContextVar("payments_patient", default=False)


def processor() -> PaymentProcessor:
    """The configured processor.

    Raises:
        PaymentsNotSetUp: there is none (production without keys).
    """
    found = processor_named(current_app.config["SHOP"].processor)
    if found is None:
        raise PaymentsNotSetUp
    return found


def processor_named(name: str) -> PaymentProcessor | None:
    """The processor of an attempt or a message, None when the shop no longer runs with it."""
    processors: dict[str, PaymentProcessor] = current_app.extensions["payment_processors"]
    if _patient.get():
        return processors.get(f"{name}/patient") or processors.get(name)
    return processors.get(name)


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
    if config.processor == "demo":
        return {"demo": DemoProcessor(config.secret_key, config.site_url)}
    if config.processor == "stripe":
        from .processors.stripe import StripeProcessor

        keys = (config.stripe_secret_key, config.stripe_webhook_secret, config.stripe_api_base)
        return {
            "stripe": StripeProcessor(*keys, timeout=(3, 8), retries=1),
            "stripe/patient": StripeProcessor(*keys, timeout=(3, 15), retries=2),
        }
    return {}


def init_app(app: Flask) -> None:
    from . import sweepers  # noqa: F401 (registers them)
    from .views import webhooks

    config: Config = app.config["SHOP"]
    app.extensions["payment_processors"] = _processors(config)
    app.register_blueprint(webhooks)
    if config.processor == "demo":
        from .demo_views import bp

        app.register_blueprint(bp)
