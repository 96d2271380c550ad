"""What people type, read: texts without control characters, numbers as they are written here.

Forms and files of pieces read the same way, and say the same sentence to what they cannot read.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from .i18n import Lazy
from .i18n import lazy_gettext as _l


class Mistyped(ValueError):
    """It is no such number, or not within its range; `sentence` says it to the person."""

    def __init__(self, sentence: Lazy) -> None:
        super().__init__()
        self.sentence = sentence


def clean(text: str | None) -> str:
    """Trim, and drop what no text of ours holds: NUL, other control characters, lone surrogates."""
    kept = (text or "").encode("utf-8", "ignore").decode()
    return "".join(char for char in kept if char in "\n\t" or char >= " ").strip()


def one_line(text: str | None) -> str:
    return " ".join(clean(text).split())


def parse_decimal(text: str) -> Decimal:
    """A number as people here write it: 12,5 · 12.5 · 745.000 · 1.250.000,5 · 1,234.5.

    A single separator followed by exactly three digits groups thousands; otherwise it is the decimal point.

    Raises:
        ValueError: it is no such number.
    """
    digits = "".join(text.split()).replace("\u00a0", "")
    point, comma = digits.count("."), digits.count(",")
    if point and comma:
        last = max(digits.rfind("."), digits.rfind(","))
        digits = digits[:last].replace(".", "").replace(",", "") + "." + digits[last + 1 :]
    elif point + comma > 1 or (point + comma == 1 and len(digits) - max(digits.rfind("."), digits.rfind(",")) == 4):
        digits = digits.replace(".", "").replace(",", "")
    else:
        digits = digits.replace(",", ".")
    if not digits or not set(digits) <= set("0123456789.-") or len(digits) > 20:
        raise ValueError(text)
    try:
        return Decimal(digits)
    except InvalidOperation as error:
        raise ValueError(text) from error


_UNITS = {"jt": 10**6, "juta": 10**6, "rb": 10**3, "ribu": 10**3, "k": 10**3}


def number_within(text: str, least: Decimal, most: Decimal) -> Decimal:
    """Raises Mistyped."""
    try:
        number = parse_decimal(text)
    except ValueError as error:
        raise Mistyped(_l("Write this as a number, for example 6.8.")) from error
    return _bounded(number, least, most)


def _bounded(number: Decimal, least: Decimal, most: Decimal) -> Decimal:
    if not least <= number <= most:
        raise Mistyped(_l("Write a number from %(least)s to %(most)s.", least=least, most=most))
    return number


_GRAMS = ("grams", "gram", "gr", "g")


def grams_within(text: str, least: Decimal, most: Decimal) -> Decimal:
    """Grams: 12,5 · 12.5 g · 6,805 gr · 1250. A single comma or point is the decimal one, as on a scale.

    '1.250' is a bowl to one and a stud to another, so it is asked again.

    Raises:
        Mistyped.
    """
    text = text.lower().strip(" .")
    for unit in _GRAMS:
        if text.endswith(unit):
            text = text.removesuffix(unit).strip()
            break
    whole, point, thousandths = text.partition(".")
    if point and len(thousandths) == 3 and thousandths.isdigit() and whole.strip("0"):
        raise Mistyped(_l("Write the weight with a comma, and thousands without a point: 1,2 or 1250."))
    try:
        number = _shortened(text)
    except ValueError as error:
        raise Mistyped(_l("Write this as a number, for example 6.8.")) from error
    return _bounded(number, least, most)


def rupiah_within(text: str, least: Decimal, most: Decimal) -> Decimal:
    """Whole rupiah: 745.000, 745000, Rp 745.000,- 1,2 jt, 450 rb. Raises Mistyped."""
    text = text.lower().removeprefix("rp").strip(" .").removesuffix(",-").removesuffix("-").strip()
    times = 1
    for word, factor in _UNITS.items():
        if text.endswith(word):
            text, times = text.removesuffix(word).strip(), factor
            break
    try:
        amount = _shortened(text) * times if times > 1 else parse_decimal(text)
    except ValueError as error:
        raise Mistyped(_l("Write the price in rupiah, for example 745.000.")) from error
    if amount != amount.to_integral_value() or not least <= amount <= most:
        raise Mistyped(_l("Write whole rupiah from %(least)s to %(most)s.", least=least, most=most))
    return amount


def _shortened(text: str) -> Decimal:
    """Before 'jt' and 'rb' a single separator is always the decimal point: 1,2 jt · 1.250 jt is 1.25 million."""
    if text.count(",") + text.count(".") != 1:
        return parse_decimal(text)
    whole, _, fraction = text.replace(",", ".").partition(".")
    return parse_decimal(whole) + parse_decimal(fraction or "0").scaleb(-len(fraction))
