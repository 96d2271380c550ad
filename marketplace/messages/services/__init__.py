"""What changes talks between buyers and workshops."""

from .answers import save_replies
from .pace import measure, measure_again
from .reading import look, receive_photo
from .reports import close_report, report
from .writing import Words, ask, write, write_about_order

__all__ = [
    "Words",
    "ask",
    "close_report",
    "look",
    "measure",
    "measure_again",
    "receive_photo",
    "report",
    "save_replies",
    "write",
    "write_about_order",
]
