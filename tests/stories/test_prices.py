"""A price without fear, on a phone: the sum follows every key, and old and new prices wait for one thumb."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from marketplace.catalog.costing import Metal, Sheet, suggested
from marketplace.catalog.models import MetalRate
from marketplace.core import clock

from .conftest import LiveShop
from .people import sign_in

pytestmark = pytest.mark.browser
Person = Callable[..., Any]
TRIES = 12


def rupiah(amount: int) -> str:
    return f"Rp\u00a0{amount:,}".replace(",", ".")


def type_in(page: Any, name: str, text: str) -> None:
    """As keys do, without the page's own saving in between."""
    page.locator(f"[name='{name}']").evaluate(
        "(box, text) => { box.value = text; box.dispatchEvent(new Event('input', { bubbles: true })) }", text
    )


def test_the_sum_on_the_phone_is_the_servers_to_the_rupiah(live: LiveShop, person: Person) -> None:
    page = person(phone=True)
    sign_in(page, "artisan")
    page.goto("/seller/listings/new")
    chance = random.Random(6)
    rate = int(re.sub(r"\D", "", page.locator("[data-out=rate]").inner_text()))
    cases = [("6,8", "190 rb", "", "25.000", "8", "30")]
    for _ in range(TRIES):
        weight = f"{chance.randint(1, 300)},{chance.randint(0, 9)}"
        sums = [f"{chance.randint(0, 900) * 1000:,}".replace(",", ".") for _ in range(3)]
        cases.append((weight, *sums, f"{chance.randint(0, 20)},5", str(chance.randint(0, 60))))
    for weight, labour, stones, finishing, loss, margin in cases:
        for name, text in (
            ("weight_grams", weight),
            ("cost-labour", labour),
            ("cost-stones", stones),
            ("cost-finishing", finishing),
            ("cost-loss", loss),
            ("cost-margin", margin),
        ):
            type_in(page, name, text)
        page.locator("[name=fineness]").evaluate("box => { box.value = '925'; }")
        type_in(page, "price", "1,2 jt")
        whole = {text: int(text.replace(".", "").replace(" rb", "000") or 0) for text in (labour, stones, finishing)}
        sheet = Sheet(
            whole[labour],
            whole[stones],
            whole[finishing],
            int(Decimal(loss.replace(",", ".")) * 100),
            int(margin) * 100,
        )
        costs = suggested(Metal(Decimal(weight.replace(",", ".")), 925, rate), sheet)
        shown = [page.locator(f"[data-out={key}]").first.inner_text() for key in ("metal", "cost", "hint")]
        assert shown == [rupiah(one) for one in (costs.metal_idr, costs.cost_idr, costs.suggestion_idr)]
        assert page.locator("[data-under]").is_visible() is (costs.cost_idr > 1_200_000 * 92 // 100)
    page.locator("[data-suggestion]").click()
    assert page.locator("[name=price]").input_value() == rupiah(costs.suggestion_idr).removeprefix("Rp\u00a0")


def test_old_and_new_prices_wait_for_a_thumb(live: LiveShop, person: Person) -> None:
    with live.database() as database:
        newest = database.scalar(
            sa.select(MetalRate.idr_per_gram).where(MetalRate.metal == "silver").order_by(MetalRate.id.desc())
        )
        now = clock.now()
        facts = {"metal": "silver", "source": "Antam", "quoted_at": now, "created_at": now, "told_at": now}
        database.execute(sa.insert(MetalRate).values(idr_per_gram=newest * 112 // 100, **facts))
    page = person(phone=True)
    sign_in(page, "artisan")
    page.locator("#rate-h + p + p a").click()
    page.wait_for_url("**/seller/prices/")
    boxes, everything = page.locator("[name=p]"), page.locator("[data-all] input")
    count = boxes.count()
    assert count > 2
    yes = page.locator("button[value=yes]")
    expect(yes).to_have_text(re.compile(rf"\b{count}\b"))
    boxes.nth(1).uncheck()
    expect(yes).to_have_text(re.compile(rf"\b{count - 1}\b"))
    everything.check()
    expect(boxes.nth(1)).to_be_checked()
    everything.uncheck()
    expect(yes).to_be_disabled()
    box = yes.bounding_box()
    assert box["height"] >= 44
    page.locator("button[value=no]").click()
    page.wait_for_load_state()
    assert page.locator("[name=p]").count() == 0
