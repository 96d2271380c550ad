"""Today: everything that waits for a person, in one queue."""

from __future__ import annotations

from flask import render_template

from marketplace.core import clock
from marketplace.core.audience import Audience, audience
from marketplace.moderation.queries import rates
from marketplace.moderation.queries import today as queries

from . import words
from .blueprint import Answer, back_office
from .jobs import jobs_of

bp = back_office("admin")


@bp.get("/")
@audience(Audience.ADMIN)
def home() -> Answer:
    today = queries.today()
    current = rates.current()
    unquoted = [currency for currency, quoted in current if not quoted]
    due, later = jobs_of(today, unquoted)
    return render_template(
        "admin/home.html",
        today=today,
        job_count=today.job_count + bool(unquoted),
        due=due,
        later=later,
        rates=current,
        now=clock.now(),
        words=words,
    )
