"""The category tree comes from its file, as often as one likes."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from marketplace.catalog.categories import FIELDS, load_taxonomy
from marketplace.catalog.models import Category, DataVersion
from marketplace.core.db import db


def category(slug: str) -> Category:
    return db.session.scalars(sa.select(Category).where(Category.slug == slug)).one()


def test_loading_twice_writes_once(app: Flask) -> None:
    assert load_taxonomy() == 76
    assert load_taxonomy() == 0
    assert db.session.scalar(sa.select(DataVersion.number).where(DataVersion.scope == "taxonomy")) == 1


def test_a_name_that_was_changed_by_hand_is_brought_back_and_its_pages_change(app: Flask) -> None:
    load_taxonomy()
    db.session.execute(sa.update(Category).where(Category.slug == "rings").values(name_en="Rigns"))
    db.session.commit()
    assert load_taxonomy() == 1
    assert category("rings").name_en == "Rings"


def test_the_tree_hangs_together(app: Flask) -> None:
    load_taxonomy()
    by_id = {row.id: row for row in db.session.scalars(sa.select(Category))}
    assert sorted(row.slug for row in by_id.values() if row.parent_id is None) == [
        "ceremonial",
        "homeware",
        "jewellery",
        "supplies",
    ]
    assert by_id[category("rings-band").parent_id or 0].slug == "rings"


def test_a_category_demands_what_its_pieces_need(app: Flask) -> None:
    load_taxonomy()
    assert category("rings-band").size_kind == "ring"
    assert category("rings-band").required_fields == ["material", "weight", "technique", "size"]
    assert category("rings-toe").required_fields == ["material", "weight", "technique"]
    assert category("bangles").size_kind == "bangle"
    assert "dimensions" in category("bokor").required_fields
    assert "stones" in category("rings-stone").required_fields
    assert category("findings").required_fields == []
    assert all(set(row.required_fields) <= set(FIELDS) for row in db.session.scalars(sa.select(Category)))


def test_the_command_loads_it(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["catalog", "load"])
    assert result.output == "categories written: 76\n"
