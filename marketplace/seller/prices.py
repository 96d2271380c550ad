"""The metal moved: old and new prices of the workshop's pieces, and its word about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.catalog import costing, metals
from marketplace.catalog.costing import Metal
from marketplace.catalog.metal_words import metal_moved, metal_name
from marketplace.catalog.metals import Rate
from marketplace.catalog.queries import own, price_history
from marketplace.catalog.queries import repricing as queries
from marketplace.catalog.queries.repricing import SHOWN, Preview, Proposal
from marketplace.catalog.services import repricing as services
from marketplace.catalog.services.repricing import Chosen
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import Lazy, grams, ngettext, number, percent
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.workshops.roles import Act

from . import words
from .faces import check_token, user_id, work_blueprint, workshop_id

bp = work_blueprint("seller_prices", __name__, "/seller/prices")
Page = Response | str

REASONS: dict[str, Lazy] = {
    "typed": _l("Typed in the piece’s form"),
    "rate": _l("The metal rate moved"),
    "back": _l("Back to the price before"),
    "bulk": _l("Many pieces at once"),
    "import": _l("From a file"),
}


@bp.get("/")
@audience(Audience.SELLER, may=Act.PRICES)
def index() -> Page:
    preview = queries.proposals(workshop_id())
    return _page(
        preview,
        action=url_for(".answer"),
        rates=[_rate_facts(rate) for rate in (preview.rates or metals.current()).values()],
        counts=queries.counts(workshop_id()),
        example=_example(preview),
        can_go_back=bool(not preview.rows and price_history.last_accepted(workshop_id()).rows),
    )


@bp.post("/")
@audience(Audience.SELLER, may=Act.PRICES)
def answer() -> Page:
    """Yes to what is ticked, or not now."""
    if request.form.get("do") == "no":
        return _act(
            lambda: services.decline(workshop_id(), _stamp()),
            lambda count: ngettext(
                "%(num)s price stays as it is. We ask again when the rate moves.",
                "%(num)s prices stay as they are. We ask again when the rate moves.",
                count,
            ),
            ".index",
        )
    return _act(
        lambda: services.accept(workshop_id(), _chosen(), _stamp(), user_id()),
        lambda count: ngettext(
            "The price of %(num)s piece has changed.", "The prices of %(num)s pieces have changed.", count
        ),
        ".index",
    )


@bp.get("/before")
@audience(Audience.SELLER, may=Act.PRICES)
def before() -> Page:
    """The prices before the last ones that were agreed to."""
    return _page(price_history.last_accepted(workshop_id()), action=url_for(".go_back"), is_back=True)


@bp.post("/before")
@audience(Audience.SELLER, may=Act.PRICES)
def go_back() -> Page:
    return _act(
        lambda: services.go_back(workshop_id(), _chosen(), _stamp(), user_id()),
        lambda count: ngettext(
            "%(num)s piece has its price from before again.",
            "%(num)s pieces have their prices from before again.",
            count,
        ),
        ".before",
    )


@bp.get("/pieces/<int:listing_id>")
@audience(Audience.SELLER, may=Act.PRICES)
def piece(listing_id: int) -> Page:
    """Every price that one piece ever had."""
    found = own.piece(listing_id, workshop_id()) or abort(404)
    return render_template(
        "seller/price_history.html",
        piece=found,
        past=price_history.history(listing_id, workshop_id()),
        reasons=REASONS,
        words=words,
    )


@dataclass(frozen=True, slots=True)
class Silver:
    """The first page's card: the rate of the day, how it moved, and how many pieces wait for the workshop's word."""

    rate: Rate
    moved: int  # basis points
    percent: str
    waiting: int


def silver_of(workshop: int) -> Silver | None:
    """None while nobody has entered a rate; four statements."""
    rate = metals.current().get("silver")
    if rate is None:
        return None
    last = metals.before(rate)
    moved = costing.moved_bp(last.idr_per_gram, rate.idr_per_gram) if last else 0
    return Silver(rate, moved, percent(abs(moved)), len(queries.proposals(workshop).rows))


def _page(preview: Preview, *, is_back: bool = False, **facts: Any) -> str:
    rows = preview.rows if request.args.get("all") else preview.rows[:SHOWN]
    return render_template(
        "seller/prices.html",
        preview=preview,
        rows=rows,
        photos=queries.covers(row.listing_id for row in rows),
        is_back=is_back,
        title=_title(preview, is_back=is_back),
        metal_name=metal_name,
        facts_of=facts_of,
        words=words,
        **facts,
    )


def _title(preview: Preview, *, is_back: bool) -> str:
    count = len(preview.rows)
    if is_back:
        return str(_("The prices before"))
    if not count:
        return str(_("No price is waiting"))
    waiting = ngettext("%(num)s piece waits", "%(num)s pieces wait", count)
    (rate, *others) = preview.rates.values()
    if others:
        return str(_("New metal rates, %(waiting)s", waiting=waiting))
    old = next((row.agreed_idr for row in preview.rows if row.agreed_idr), None)
    return f"{metal_moved(rate.metal, old, rate.idr_per_gram)}, {waiting}"


def _rate_facts(rate: Rate) -> dict[str, Any]:
    """One metal's panel: what counted before, what counts now, and the last days."""
    past = metals.history(rate.metal, 8)
    last = past[1] if len(past) > 1 else None
    moved = costing.moved_bp(last.idr_per_gram, rate.idr_per_gram) if last else 0
    return {"rate": rate, "before": last, "moved": moved, "percent": percent(abs(moved)), "past": past[:7]}


def _example(preview: Preview) -> dict[str, str] | None:
    """The sum of the first piece, written out as one would on paper."""
    row = next((row for row in preview.rows if row.costs and row.sheet and row.metal), None)
    if row is None or row.costs is None or row.sheet is None or row.metal is None:
        return None
    added = row.costs.cost_idr - row.costs.metal_idr
    return {
        "title": row.title,
        "loss": percent(row.sheet.loss_bp),
        "margin": percent(row.sheet.margin_bp),
        "metal": _product(row.metal, row.sheet.loss_bp),
        "metal_sum": number(row.costs.metal_idr),
        "added": number(added),
        "cost": number(row.costs.cost_idr),
        "kept": number(costing.factor(costing.BASIS - row.sheet.margin_bp)),
        "divided": number(row.costs.cost_idr * costing.BASIS // (costing.BASIS - row.sheet.margin_bp)),
        "price": words.rupiah(row.costs.suggestion_idr),
    }


def _product(metal: Metal, loss_bp: int) -> str:
    """'5 × 0,925 × 47.700 × 1,08'"""
    parts = [number(metal.weight_grams)]
    if metal.fineness is not None:
        parts.append(number(costing.factor(metal.fineness * 10)))
    parts += [number(metal.idr_per_gram), number(costing.factor(costing.BASIS + loss_bp))]
    return " × ".join(parts)


def _stamp() -> str:
    return request.form.get("seen", "")[:40]


def _chosen() -> Chosen:
    return Chosen(
        ticked=frozenset(request.form.getlist("p", type=int)),
        shown=frozenset(request.form.getlist("shown", type=int)),
        rest=bool(request.form.get("rest")),
    )


def _act(do: Callable[[], int], said: Callable[[int], str], back: str) -> Response:
    try:
        check_token()
        count = do()
    except DomainError as error:
        flash(error.sentence, "error")
        return redirect(url_for(back), 303)
    flash(said(count), "success")
    return redirect(url_for(".index"), 303)


def facts_of(row: Proposal) -> str:
    """'28,5 gram · perak 925'"""
    weight = [grams(row.weight_grams)] if row.weight_grams is not None else []
    return " · ".join([*weight, row.metal_text])
