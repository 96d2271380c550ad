"""What the pages around money show."""

from .paying import DemoPage, PayLine, PaymentPage, demo_page, is_money_to_return, payment_page
from .receipt import Receipt, receipt_of

__all__ = [
    "DemoPage",
    "PayLine",
    "PaymentPage",
    "Receipt",
    "demo_page",
    "is_money_to_return",
    "payment_page",
    "receipt_of",
]
