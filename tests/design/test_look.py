"""The look's own promises: one palette in two places, a sprite without waste, sheets within their budget."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from marketplace.core import icons
from marketplace.media.tones import TONES, tone_of

STATIC = Path(__file__).parents[2] / "static"
TEMPLATES = Path(__file__).parents[2] / "templates"


@pytest.fixture
def bare() -> Flask:
    app = Flask("bare", template_folder=str(TEMPLATES))
    icons.init_app(app)
    return app


def test_the_grounds_of_the_sheet_are_those_of_the_palette() -> None:
    sheet = (STATIC / "css/site.css").read_text()
    grounds = dict(re.findall(r"\.g(\d+) \{ background: #([0-9A-F]{6}) \}", sheet))
    assert grounds == {str(index): "{:02X}{:02X}{:02X}".format(*tone) for index, tone in enumerate(TONES)}


@pytest.mark.parametrize("index", range(len(TONES)))
def test_a_color_of_the_palette_is_its_own_ground(index: int) -> None:
    assert tone_of(TONES[index]) == index


def test_a_photo_on_a_leaf_gets_the_green_ground() -> None:
    assert tone_of((80, 120, 70)) == 13


def test_a_page_carries_only_the_icons_that_it_uses(bare: Flask) -> None:
    with bare.test_request_context():
        page = render_template_string(
            "{{ icon('bag') }}{{ icon('x', small=true) }}{{ icon('bag') }}{{ icon_sprite() }}"
        )
    assert re.findall(r'<symbol id="i-([a-z]+)"', page) == ["bag", "x"]
    assert page.count('href="#i-bag"') == 2


def test_a_page_without_icons_has_no_sprite(bare: Flask) -> None:
    with bare.test_request_context():
        assert render_template_string("{{ icon_sprite() }}") == ""


def test_an_icon_that_nobody_drew_is_an_error(bare: Flask) -> None:
    with bare.test_request_context(), pytest.raises(KeyError):
        icons.use_icon("rocket")


def test_the_sheets_keep_their_budget() -> None:
    """12 KB with Brotli (design 10); gzip, which every Python has, needs about a sixth more."""
    sizes = [len(gzip.compress((STATIC / f"css/{name}.css").read_bytes(), 9)) for name in ("site", "work")]
    assert sum(sizes) <= 14_000


def test_a_buyers_scripts_keep_their_budget() -> None:
    names = ("site", "quantity-stepper", "gallery", "copy", "again", "show-password")
    assert sum(len(gzip.compress((STATIC / f"js/{name}.js").read_bytes(), 9)) for name in names) <= 8_000


def test_nothing_is_drawn_from_a_data_address() -> None:
    assert not [path.name for path in STATIC.rglob("*.css") if "data:" in path.read_text()]


def test_no_template_carries_inline_code_or_style() -> None:
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*(\ssrc=|ld\+json))", re.IGNORECASE)
    pages = [path for path in TEMPLATES.rglob("*.html") if "mail" not in path.parts]
    assert not [str(path.relative_to(TEMPLATES)) for path in pages if inline.search(path.read_text())]


def test_two_conditions_in_a_tag_do_not_melt_into_one_word() -> None:
    """Blocks lose the space around them (trim_blocks): `checked` and `disabled` would become one attribute."""
    melting = re.compile(r"%}[a-z-]+(?:=\S+)?{% endif %}\n\s*{% if [^%]*%}[a-z-]+")
    assert not [str(path) for path in TEMPLATES.rglob("*.html") if melting.search(path.read_text())]


def test_every_icon_that_a_template_names_is_drawn() -> None:
    named = {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r"""\bicon\(['"]([a-z-]+)['"]""", path.read_text())
    }
    assert named - set(icons.SYMBOLS) == set()
