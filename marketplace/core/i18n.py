"""Words, dates, numbers and money in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from gettext import NullTranslations
from typing import Any

from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.lists import format_list as babel_list
from babel.numbers import format_currency, format_decimal
from babel.support import Translations
from flask import g, has_request_context
from flask_babel import Babel, force_locale
from flask_babel.speaklater import LazyString

from . import clock
from .markets import WORLD
from .money import Money

LANGUAGES = ("en", "id")
Lazy = Any  # speaklater's proxy; str() gives the text in the language of the moment
babel = Babel()  # for WTForms' own messages; ours are looked up below, a hundred to a page
_catalogs: dict[str, NullTranslations] = {lang: NullTranslations() for lang in LANGUAGES}
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)
_SIGNS = {"USD": "$", "AUD": "A$"}
_TO_INDONESIAN = str.maketrans(",.", ".,")


def _locale() -> str:
    """A market's pages speak its language; the workshop's and the back office speak the account's."""
    spoken = _spoken.get()
    if spoken is not None:
        return spoken
    if not has_request_context():
        return "en"
    scope = g._get_current_object()  # once, not through the proxy at each step: a page asks three hundred times
    return str(scope.get("locale") or scope.get("market", WORLD).locale)


def language() -> str:
    """'en' or 'id', whatever the region."""
    return "id" if _locale().startswith("id") else "en"


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Texts inside the block are in `lang`: for mails, and for what is stored in both languages."""
    before = _spoken.set(lang)
    try:
        with force_locale(lang):
            yield
    finally:
        _spoken.reset(before)


def gettext(text: str, /, **values: Any) -> str:
    """The text in the language of the moment, its %(name)s filled in."""
    found = _catalogs[language()].gettext(text)
    return found % values if values else found


def ngettext(one: str, many: str, num: int, /, **values: Any) -> str:
    """The form for `num`, which the text may name as %(num)s."""
    return _catalogs[language()].ngettext(one, many, num) % {"num": num, **values}


def lazy_gettext(text: str, /, **values: Any) -> Lazy:
    return LazyString(gettext, text, **values)


_ = gettext
_l = lazy_gettext


def pick(en: str, id_: str) -> str:
    """The text of this page's language, the other one where it is still missing."""
    return (id_ or en) if language() == "id" else (en or id_)


def is_fallback(en: str, id_: str) -> bool:
    """Whether `pick` had to show the other language (to be marked, features.md J3)."""
    return bool(en or id_) and not (id_ if language() == "id" else en)


def money(amount: Money) -> str:
    """$45.00, A$45.00, Rp 2.490.000 with a no-break space and without sen (design.md 7)."""
    if amount.currency == "IDR":
        return f"Rp\u00a0{_grouped(amount.amount).translate(_TO_INDONESIAN)}"
    if language() == "id":
        return f"{amount.currency}\u00a0" + _two_digits(amount.decimal).translate(_TO_INDONESIAN)
    sign = _SIGNS.get(amount.currency)
    if sign is None:
        return format_currency(amount.decimal, amount.currency, locale="en_US")
    return f"{'-' if amount.amount < 0 else ''}{sign}{_two_digits(abs(amount.decimal))}"


def _grouped(value: int) -> str:
    return f"{value:,}"


def _two_digits(value: Decimal) -> str:
    return f"{value:,.2f}"


def number(value: int | Decimal) -> str:
    if isinstance(value, int):
        text = _grouped(value)
        return text.translate(_TO_INDONESIAN) if language() == "id" else text
    return _decimal(value, "id_ID" if language() == "id" else "en_US")


@lru_cache(maxsize=2048)
def _decimal(value: Decimal, locale: str) -> str:
    return format_decimal(value, locale=locale)


def signed(amount: Money) -> str:
    """A sum that may be below zero, with a true minus: Rp 5.000, −Rp 245.000, −$6,184.20."""
    return f"\u2212{money(-amount)}" if amount.amount < 0 else money(amount)


def percent(basis_points: int) -> str:
    """8%, 7.5% in English, 7,5% in Indonesian."""
    return f"{number(Decimal(basis_points) / 100)}%"


def grams(value: Decimal | int) -> str:
    """6.8 g in English, 6,8 gram in Indonesian."""
    unit = "gram" if language() == "id" else "g"
    return f"{number(value)}\u00a0{unit}"


def day(value: date | datetime, *, weekday: bool = False, year: bool = True) -> str:
    """24 November 2026; with the weekday: Tuesday, 24 November 2026 / Selasa, 24 November 2026."""
    if isinstance(value, datetime):
        value = clock.local(value).date()
    pattern = ("EEEE, " if weekday else "") + "d MMMM" + (" y" if year else "")
    return _date(value, pattern, language())


@lru_cache(maxsize=1024)
def _date(value: date, pattern: str, lang: str) -> str:
    return babel_date(value, pattern, locale=lang)


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
    begin = _date(first, "d" if same else "d MMMM", language())
    return f"{begin}\u2013{day(last, year=False)}"


def and_list(words: list[str]) -> str:
    """a, b and c; in Indonesian a comma stands before dan in a list of three (design.md 8)."""
    return babel_list(words, locale=language())


def _found(text: str) -> str:
    return _catalogs[language()].gettext(text)


def _found_plural(one: str, many: str, num: int) -> str:
    return _catalogs[language()].ngettext(one, many, num)


def _found_in(context: str, text: str) -> str:
    return _catalogs[language()].pgettext(context, text)


def init_app(app: Any) -> None:
    folder = str(app.config["TRANSLATIONS"])
    _catalogs.update({lang: Translations.load(folder, [lang]) for lang in LANGUAGES})
    babel.init_app(app, locale_selector=_locale, default_translation_directories=folder)
    # In place of the extension's own.
    app.jinja_env.install_gettext_callables(_found, _found_plural, newstyle=True, pgettext=_found_in)
    app.jinja_env.filters.update(
        money=money, number=number, grams=grams, day=day, moment=moment, hour=hour, and_list=and_list
    )
    app.jinja_env.globals.update(pick=pick, is_fallback=is_fallback, day_range=days, _=gettext, language=language)
