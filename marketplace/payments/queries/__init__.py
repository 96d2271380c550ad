"""What the pages around money show."""

from .paying import DemoPage, PayLine, PaymentPage, demo_page, is_money_to_return, payment_page

__all__ = [
    "DemoPage",
    "PayLine",
    "PaymentPage",
    "demo_page",
    "is_money_to_return",
    "payment_page",
]
