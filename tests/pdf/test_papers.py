"""Papers: they are made for every shape of order, hold every figure, and keep what people wrote as text."""

from __future__ import annotations

import io
import shutil
import subprocess
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from marketplace.core.i18n import speaking
from marketplace.core.pdf import pictures, render
from marketplace.payments.queries import receipt_of
from marketplace.storefront.receipts import facts_of
from tests.factories.orders import JAKARTA, MELBOURNE, open_shop, paid_order, piece
from tests.factories.workshops import WorkshopFactory

LONG = "Granulated Dome Ring with a very long name that goes on and on until no single line of any paper can hold it"
HOSTILE = '#panic("x") *a* _b_ $c$ \\ <d> @e "f" `g` // h /* i = 🎁 ᬩᬮᬶ 陈美 #include "receipt.typ" [ ] { }'


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def facts(*, shops: int = 1, lines: int = 1, language: str = "en", title: str = "Dome Ring") -> dict[str, Any]:
    """The facts of a paid order of this shape."""
    wishes = []
    for _shop_number in range(shops):
        workshop = WorkshopFactory()
        for _line in range(lines // shops):
            wishes.append((piece(workshop=workshop, title_en=title, title_id=title), 1))
    is_home = language == "id"
    order = paid_order(
        *wishes,
        address=JAKARTA if is_home else MELBOURNE,
        language=language,
        market="id" if is_home else "world",
    )
    with speaking(language):
        receipt = receipt_of(order.token)
        assert receipt is not None
        return facts_of(receipt)


def figures_of(told: dict[str, Any]) -> list[str]:
    """Every sum that stands on the paper."""
    found = [told["total"][1], *(figure for _label, figure in told["sums"])]
    for parcel in told["parcels"]:
        found += [line["sum"] for line in parcel["lines"]] + [figure for _label, figure in parcel["sums"]]
    return found


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize(
    ("shops", "lines", "title", "pages"),
    [(1, 1, "Dome Ring", 1), (2, 4, LONG, 1), (4, 12, "Dome Ring", 2), (1, 12, LONG, 2)],
)
def test_a_receipt_has_as_many_pages_as_it_needs(language: str, shops: int, lines: int, title: str, pages: int) -> None:
    told = facts(shops=shops, lines=lines, language=language, title=title)
    assert len(pictures("receipt", told, dots_per_inch=40)) == pages
    made = render("receipt", told)
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.parametrize("language", ["en", "id"])
def test_every_figure_stands_on_the_paper(language: str) -> None:
    told = facts(shops=2, lines=4, language=language)
    made = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=render("receipt", told), stdout=subprocess.PIPE, check=True
    )
    text = made.stdout.decode().replace("\u00a0", " ")
    for figure in figures_of(told):
        assert figure.replace("\u00a0", " ") in text, figure
    assert told["subject"] in text


def test_the_words_follow_the_orders_language() -> None:
    english, indonesian = facts(), facts(language="id")
    assert (english["language"], indonesian["language"]) == ("en", "id")
    assert all(figure.startswith("$") for figure in figures_of(english))
    assert all(figure.startswith("Rp\u00a0") for figure in figures_of(indonesian))


def test_what_people_wrote_is_never_read_as_markup() -> None:
    told = facts(title=HOSTILE[:120])
    assert told["parcels"][0]["lines"][0]["title"] == HOSTILE[:120]
    for place in ("seller", "buyer"):
        told[place]["lines"] = [HOSTILE, "W" * 200]
    told["parcels"][0]["title"] = HOSTILE
    told["pending"] = [HOSTILE]
    told["refunds"], told["remains"] = [(HOSTILE, "−$1.00")], ("Paid", "$1.00")
    assert len(pictures("receipt", told, dots_per_inch=40)) == 1


def test_nothing_runs_over_the_edge_of_the_page() -> None:
    """The margins stay white, however long a word is."""
    told = facts(title="W" * 119)
    told["buyer"]["lines"] = ["W" * 200, "i" * 200]
    for png in pictures("receipt", told, dots_per_inch=50):
        page = Image.open(io.BytesIO(png)).convert("L")
        margin = round(page.width * 15 / 210)
        right = page.crop((page.width - margin, 0, page.width, page.height))
        assert right.getextrema() == (255, 255)
