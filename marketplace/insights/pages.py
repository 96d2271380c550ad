"""What the pages about visitors share, the workshop's and the collective's: how far back, names, a file."""

from __future__ import annotations

from collections.abc import Iterable

from flask import request, url_for
from werkzeug.wrappers import Response

from marketplace.accounts import postal
from marketplace.core import clock, spreadsheets
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import language, ngettext

VISITS = (4, 12, 52)  # weeks
SEARCHES = (4, 12, 24)  # the log of searches is kept for 180 days


def chosen_weeks(periods: tuple[int, ...]) -> int:
    """The period in the address; an unknown one is the first, not an error."""
    wanted = request.args.get("weeks", "")
    return int(wanted) if wanted in map(str, periods) else periods[0]


def period_links(periods: tuple[int, ...], chosen: int) -> list[tuple[str, str, bool]]:
    """(words, address of this page, is this one)"""
    endpoint = request.endpoint or ""
    return [
        (ngettext("%(num)s week", "%(num)s weeks", weeks), url_for(endpoint, weeks=weeks), weeks == chosen)
        for weeks in periods
    ]


def country_name(code: str) -> str:
    return postal.country_name(code, language()) if code else _("Other countries")


def download(name: str, lines: Iterable[str]) -> Response:
    """`name` of the file without the day and its ending."""
    answer = Response(spreadsheets.MARK + "".join(lines), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{clock.today().isoformat()}.csv"'
    return answer
