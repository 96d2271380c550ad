"""The record of every act."""

from __future__ import annotations

from flask import render_template, request

from marketplace.core.audience import Audience, audience
from marketplace.moderation.queries.record import KINDS, entries

from . import words
from .blueprint import Answer, back_office
from .recorded import changes

bp = back_office("admin_audit", "record")
# Where the subject of an act is shown; the others have no page of their own.
PAGES = {
    "application": ("admin_applications.show", "application_id"),
    "workshop": ("admin_workshops.show", "workshop_id"),
    "listing": ("admin_listings.show", "listing_id"),
    "order": ("admin_orders.show", "order_id"),
    "user": ("admin_people.show", "user_id"),
    "dispute": ("admin_disputes.show", "dispute_id"),
    "payout_run": ("admin_payout_runs.show", "run_id"),
}


@bp.get("/")
@audience(Audience.ADMIN)
def index() -> Answer:
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else ""
    ident = request.args.get("id", type=int) if kind else None
    page = entries(kind, ident, request.args.get("after"))
    return render_template(
        "admin/record.html", page=page, kind=kind, ident=ident, kinds=KINDS, pages=PAGES, words=words, changes=changes
    )
