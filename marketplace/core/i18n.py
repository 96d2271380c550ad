"""Words, dates, numbers and money in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.lists import format_list as babel_list
from babel.numbers import format_currency, format_decimal
from flask import g, has_request_context
from flask_babel import Babel, force_locale, get_locale
from flask_babel import gettext as gettext
from flask_babel import lazy_gettext as lazy_gettext
from flask_babel import ngettext as ngettext

from . import clock
from .markets import current_market
from .money import Money

LANGUAGES = ("en", "id")
Lazy = Any  # speaklater's proxy; str() gives the text in the language of the moment
_ = gettext
_l = lazy_gettext
babel = Babel()


def _locale() -> str:
    """A market's pages speak its language; the workshop's and the back office speak the account's."""
    if not has_request_context():
        return "en"
    if "locale" in g:
        return str(g.locale)
    return current_market().locale


def language() -> str:
    """'en' or 'id', whatever the region."""
    locale = get_locale()
    return "id" if locale is not None and locale.language == "id" else "en"


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Texts inside the block are in `lang`: for mails, and for what is stored in both languages."""
    with force_locale(lang):
        yield


def pick(en: str, id_: str) -> str:
    """The text of this page's language, the other one where it is still missing."""
    return (id_ or en) if language() == "id" else (en or id_)


def is_fallback(en: str, id_: str) -> bool:
    """Whether `pick` had to show the other language (to be marked, features.md J3)."""
    return bool(en or id_) and not (id_ if language() == "id" else en)


def money(amount: Money) -> str:
    """$45.00, A$45.00, Rp 2.490.000 with a no-break space and without sen (design.md 7)."""
    if amount.currency == "IDR":
        return "Rp\u00a0" + format_decimal(amount.decimal, format="#,##0", locale="id_ID")
    if language() == "id":
        return f"{amount.currency}\u00a0" + format_decimal(amount.decimal, format="#,##0.00", locale="id_ID")
    return format_currency(amount.decimal, amount.currency, locale="en_US")


def number(value: int | Decimal) -> str:
    return format_decimal(value, locale="id_ID" if language() == "id" else "en_US")


def grams(value: Decimal | int) -> str:
    """6.8 g in English, 6,8 gram in Indonesian."""
    unit = "gram" if language() == "id" else "g"
    return f"{number(value)}\u00a0{unit}"


def day(value: date | datetime, *, weekday: bool = False, year: bool = True) -> str:
    """24 November 2026; with the weekday: Tuesday, 24 November 2026 / Selasa, 24 November 2026."""
    if isinstance(value, datetime):
        value = clock.local(value).date()
    pattern = ("EEEE, " if weekday else "") + "d MMMM" + (" y" if year else "")
    return babel_date(value, pattern, locale=language())


def moment(value: datetime) -> str:
    """24 November 2026, 10:02 / 24 November 2026, pukul 10.02, in Bali's time."""
    at = clock.local(value)
    if language() == "id":
        return f"{day(value)}, pukul {babel_time(at, 'HH.mm', locale='id')}"
    return f"{day(value)}, {babel_time(at, 'HH:mm', locale='en')}"


def hour(value: datetime) -> str:
    """10:02 / 10.02, in Bali's time."""
    return babel_time(clock.local(value), "HH.mm" if language() == "id" else "HH:mm", locale=language())


def days(first: date, last: date) -> str:
    """4–9 December, 28 November–3 December, or one day alone."""
    if first == last:
        return day(first, year=False)
    same = (first.year, first.month) == (last.year, last.month)
    begin = babel_date(first, "d" if same else "d MMMM", locale=language())
    return f"{begin}\u2013{day(last, year=False)}"


def and_list(words: list[str]) -> str:
    """a, b and c; in Indonesian a comma stands before dan in a list of three (design.md 8)."""
    return babel_list(words, locale=language())


def init_app(app: Any) -> None:
    babel.init_app(app, locale_selector=_locale, default_translation_directories=str(app.config["TRANSLATIONS"]))
    app.jinja_env.filters.update(
        money=money, number=number, grams=grams, day=day, moment=moment, hour=hour, and_list=and_list
    )
    app.jinja_env.globals.update(pick=pick, is_fallback=is_fallback, day_range=days, _=gettext, language=language)
