"""What the pages around money show."""

from .asked import is_asked
from .paying import DemoPage, PayLine, PaymentPage, demo_page, is_money_to_return, payment_page
from .receipt import Receipt, receipt_of
from .refunding import is_disputed
from .refunds import (
    OpenRefund,
    Refundable,
    RefundableLine,
    RefundLineView,
    RefundView,
    open_refunds,
    refund_view,
    refund_word,
    refundable,
    refunds_of,
)

__all__ = [
    "DemoPage",
    "OpenRefund",
    "PayLine",
    "PaymentPage",
    "Receipt",
    "RefundLineView",
    "RefundView",
    "Refundable",
    "RefundableLine",
    "demo_page",
    "is_asked",
    "is_disputed",
    "is_money_to_return",
    "open_refunds",
    "payment_page",
    "receipt_of",
    "refund_view",
    "refund_word",
    "refundable",
    "refunds_of",
]
