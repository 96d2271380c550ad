"""The two versions of a piece, row by row, as a reviewer reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.catalog import attributes
from marketplace.core.i18n import and_list, grams
from marketplace.core.i18n import gettext as _
from marketplace.moderation import compare
from marketplace.moderation.queries.listings import Version


@dataclass(frozen=True, slots=True)
class Side:
    """One version: short facts (label, text, changed), and texts (label, language, pieces of it)."""

    version: Version
    facts: Sequence[tuple[str, str, bool]]
    texts: Sequence[tuple[str, str, Sequence[compare.Piece]]]
    has_new_photos: bool


def sides(approved: Version | None, edited: Version | None) -> tuple[Side | None, Side | None]:
    """What is on sale and what is proposed; without a second version nothing is marked."""
    if approved is None or edited is None:
        return (_side(approved, None, 0) if approved else None), (_side(edited, None, 1) if edited else None)
    return _side(approved, edited, 0), _side(edited, approved, 1)


def _side(version: Version, other: Version | None, index: int) -> Side:
    against = _facts(other) if other else _facts(version)
    facts = [
        (label, text, text != before)
        for (label, text), (_label, before) in zip(_facts(version), against, strict=True)
        if text or before
    ]
    return Side(version, facts, _texts(version, other, index), other is not None and _new_photos(version, other))


def _facts(version: Version) -> list[tuple[str, str]]:
    return [
        (_("Kind"), version.category),
        (_("Material"), _material(version)),
        (_("Sold as"), attributes.unit_text(version.sold_as, version.set_count)),
        (_("Weight"), grams(version.weight_grams) if version.weight_grams is not None else ""),
        (_("Technique"), and_list(attributes.names_of(attributes.TECHNIQUES, version.techniques))),
        (_("Finish"), attributes.name_of(attributes.FINISHES, version.finish)),
        (_("Stones"), version.stones),
        (_("Dimensions"), version.dimensions),
        (_("Tags"), ", ".join(version.tags)),
        (
            _("Engraving"),
            _("up to %(count)s letters", count=version.engraving_limit) if version.engraving_limit else "",
        ),
    ]


def _material(version: Version) -> str:
    words = [attributes.name_of(attributes.MATERIALS, version.material), str(version.fineness or "")]
    if version.plating:
        words.append(attributes.name_of(attributes.PLATINGS, version.plating))
    return " ".join(word for word in words if word)


def _texts(version: Version, other: Version | None, index: int) -> list[tuple[str, str, Sequence[compare.Piece]]]:
    labels = (
        (_("Name in English"), "en", "title_en"),
        (_("Name in Indonesian"), "id", "title_id"),
        (_("Text in English"), "en", "description_en"),
        (_("Text in Indonesian"), "id", "description_id"),
    )
    found: list[tuple[str, str, Sequence[compare.Piece]]] = []
    for label, language, name in labels:
        mine = getattr(version, name)
        theirs = getattr(other, name) if other else mine
        pair = compare.sides(theirs, mine) if index else compare.sides(mine, theirs)
        if pair[index]:
            found.append((label, language, pair[index]))
    return found


def _new_photos(version: Version, other: Version) -> bool:
    return [view and view.id for view, _alt in version.photos] != [view and view.id for view, _alt in other.photos]
