"""The category tree from data/taxonomy.csv, and what each kind of piece must say before it is published."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from marketplace.core.db import db, transaction
from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l

from . import versions
from .models import Category
from .sizes import DATA

# Fields that a category may demand (`Category.required_fields`). Titles, a photo and a price are asked of every piece.
FIELDS: dict[str, Lazy] = {
    "material": _l("Material"),
    "weight": _l("Weight"),
    "technique": _l("Technique"),
    "size": _l("Size"),
    "dimensions": _l("Dimensions"),
    "stones": _l("Stones"),
}
WORN = ["material", "weight", "technique"]

# Which kind of size the variants of a category have, with its children unless they say otherwise.
SIZE_KINDS = {
    "rings": "ring",
    "rings-toe": "",
    "bangles": "bangle",
    "bracelets-chain": "length",
    "bracelets-woven": "length",
    "necklaces": "length",
    "anklets": "length",
    "pending": "length",
    "gelungan": "head",
    "petitis": "head",
    "keris-wewer": "bore",
}
MUST_HAVE_SIZE = ("ring", "bangle", "bore")
MUST_HAVE_DIMENSIONS = ("ritual-vessels", "miniatures", "figurines", "boxes", "frames", "kepeng-work", "keris-fittings")
MUST_HAVE_STONES = ("rings-stone", "loose-stones")


def required_fields(path: Sequence[str], kind: str, size_kind: str) -> list[str]:
    """What a category demands; `path` is its slug and those of its ancestors.

    Fineness is asked by the form wherever the material is silver or gold (domain.md 3.2), so it is not listed here.
    """
    fields = [] if kind == "supplies" else list(WORN)
    if size_kind in MUST_HAVE_SIZE:
        fields.append("size")
    if set(path) & set(MUST_HAVE_DIMENSIONS):
        fields.append("dimensions")
    if set(path) & set(MUST_HAVE_STONES):
        fields.append("stones")
    return fields


def load_taxonomy() -> int:
    """Insert or update every category of the file, touching none that is already so; gives how many were written.

    Safe at every start. A category that left the file stays: listings may stand in it.
    """
    with (DATA / "taxonomy.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    parents = {row["slug"]: row["parent"] for row in rows}
    with transaction():
        known = {category.slug: category for category in db.session.scalars(sa.select(Category))}
        written = 0
        for position, row in enumerate(rows):
            facts = _facts(row, position, parents, known)
            written += _put(known, row["slug"], facts)
        if written:
            versions.bump([versions.TAXONOMY])
    return written


def _path(slug: str, parents: dict[str, str]) -> list[str]:
    path = [slug]
    while parents.get(path[-1]):
        path.append(parents[path[-1]])
    return path


def _facts(row: dict[str, str], position: int, parents: dict[str, str], known: dict[str, Category]) -> dict[str, Any]:
    path = _path(row["slug"], parents)
    size_kind = next((SIZE_KINDS[slug] for slug in path if slug in SIZE_KINDS), "")
    return {
        "parent_id": known[row["parent"]].id if row["parent"] else None,
        "position": position,
        "kind": row["kind"],
        "name_en": row["name_en"],
        "name_id": row["name_id"],
        "description_en": row["description_en"],
        "description_id": row["description_id"],
        "hs6": row["hs6"],
        "policy": row["policy"],
        "size_kind": size_kind,
        "required_fields": required_fields(path, row["kind"], size_kind),
    }


def _put(known: dict[str, Category], slug: str, facts: dict[str, Any]) -> int:
    category = known.get(slug)
    if category is None:
        category = known[slug] = Category(slug=slug, **facts)
        db.session.add(category)
        db.session.flush()
        return 1
    changed = {name: value for name, value in facts.items() if getattr(category, name) != value}
    for name, value in changed.items():
        setattr(category, name, value)
    return int(bool(changed))
