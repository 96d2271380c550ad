"""The buyer's way back from the processor, paying once more, and the processors' messages."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.web import MarketBlueprint

from . import queries, services
from .errors import AlreadyPaid, HoldOver, OfferGone, PaymentRunning, ProcessorAway
from .forms import PayAgainForm
from .models import AttemptStatus
from .processors import BadNotice, ProcessorDown
from .queries import PaymentPage
from .setup import offers

bp = MarketBlueprint("payments", __name__)
webhooks = Blueprint("webhooks", __name__)

MAX_MESSAGE = 1024 * 1024


def _page(token: str) -> PaymentPage:
    page = queries.payment_page(token)
    if page is None:
        raise NotFound("order")
    return page


def _asked(token: str) -> tuple[PaymentPage, bool]:
    """The order after its processor was asked; False when that is away, and the order is as we knew it."""
    page = _page(token)
    if page.attempt_key is None or page.is_paid or page.is_canceled:
        return page, True
    try:
        services.settle(page.attempt_key)
    except (ProcessorDown, ProcessorAway):
        return page, False
    return _page(token), True


def _to(endpoint: str, token: str) -> Response:
    return redirect(url_for(endpoint, token=token), 303)


def _where(page: PaymentPage, asked: bool) -> str:
    """The page that fits the order: done, waiting for the bank (or for the processor), or not paid."""
    if page.is_paid or page.is_canceled:
        return "orders.show"
    return "payments.waiting" if page.attempt_status is AttemptStatus.PROCESSING or not asked else "payments.show"


@bp.get("/orders/<token>/return")
@audience(Audience.VISITOR)
def returned(token: str) -> str | Response:
    """Where the processor sends the buyer: proves nothing, asks, and leads on; says so when nobody answers."""
    page, asked = _asked(token)
    return _to(_where(page, asked), token) if asked else _waiting(page, asked)


def _waiting(page: PaymentPage, asked: bool) -> str:
    """With the ways beside the one that is waited for."""
    form, others = PayAgainForm(), [offer for offer in offers(page.total) if offer.name != page.offer]
    form.show_ways(others)
    return render_template("payments/waiting.html", order=page, asked=asked, form=form, ways_to_pay=others)


def _failed(page: PaymentPage, form: PayAgainForm) -> str:
    found = offers(page.total)
    form.show_ways(found, page.offer)
    return render_template("payments/failed.html", order=page, form=form, ways_to_pay=found)


@bp.get("/orders/<token>/waiting")
@audience(Audience.VISITOR)
def waiting(token: str) -> str | Response:
    page, asked = _asked(token)
    where = _where(page, asked)
    if where != "payments.waiting":
        return _to(where, token)
    return _waiting(page, asked)


@bp.get("/orders/<token>/payment")
@audience(Audience.VISITOR)
def show(token: str) -> str | Response:
    """Not paid (yet): why, until when the pieces are held, and one button."""
    page = _page(token)
    if page.is_paid or page.is_canceled:
        return _to("orders.show", token)
    if page.attempt_status is AttemptStatus.PROCESSING:
        return _to("payments.waiting", token)
    return _failed(page, PayAgainForm())


@bp.post("/orders/<token>/payment")
@audience(Audience.VISITOR)
def retry(token: str) -> str | Response | tuple[str, int]:
    form = PayAgainForm()
    if not form.validate():
        return _failed(_page(token), form), 422
    try:
        return redirect(services.pay_again(token, form.pay_with.data or None), 303)
    except AlreadyPaid as error:
        flash(error.sentence, "success")
    except PaymentRunning:
        return _to("payments.waiting", token)
    except (ProcessorAway, OfferGone) as error:
        flash(error.sentence, "error")
        return _to("payments.show", token)
    except (HoldOver, DomainError) as error:
        flash(error.sentence, "error")
    return _to("orders.show", token)


@webhooks.post("/webhooks/<processor>")
@audience(Audience.MACHINE)
def receive(processor: str) -> Response:
    """A processor's message. 400 when it proves nothing, 413 when it is too large, 2xx once it is stored."""
    request.max_content_length = MAX_MESSAGE
    if (request.content_length or 0) > MAX_MESSAGE:
        abort(413)
    try:
        services.receive(processor, dict(request.headers), request.get_data(cache=False))
    except BadNotice:
        return Response(status=400)
    return Response(status=204)
