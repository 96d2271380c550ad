"""What the timer does for payments. Order matters: news first, then what nobody told, then what ran out."""

from __future__ import annotations

from marketplace.core.tasks import sweeper

from . import services
from .processors.demo import play
from .setup import processor_named


@sweeper("demo payments")
def demo_payments() -> int:
    return play() if processor_named("demo") is not None else 0


@sweeper("payment messages")
def payment_messages() -> int:
    return services.handle_events()


@sweeper("payment attempts")
def payment_attempts() -> int:
    return services.reconcile_attempts()


@sweeper("unpaid orders")
def unpaid_orders() -> int:
    return services.expire_unpaid()


@sweeper("refunds")
def refunds() -> int:
    return services.refund_unapplied_left() + services.send_refunds()


@sweeper("earnings")
def earnings() -> int:
    return services.earn_due()


@sweeper("reconciliation")
def reconciliation() -> int:
    """Last: it compares what the others have brought up to date."""
    return services.reconcile_when_due()
