"""The words for what a piece is made of and how: codes in the rows, names in both languages. Source: domain.md 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from marketplace.core.i18n import LANGUAGES, Lazy, speaking
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l

MATERIALS: dict[str, Lazy] = {
    "silver": _l("silver"),
    "gold": _l("gold"),
    "brass": _l("brass"),
    "copper": _l("copper"),
    "nickel-silver": _l("nickel silver (alpaka)"),
    "mixed": _l("mixed metals"),
}
FINENESSES: dict[str, tuple[int, ...]] = {"silver": (800, 925, 950, 999), "gold": (417, 585, 750, 875, 917, 999)}

PLATINGS: dict[str, Lazy] = {
    "silver": _l("silver-plated"),
    "gold": _l("gold-plated"),
    "gold-18k": _l("gold-plated, 18 karat"),
    "gold-22k": _l("gold-plated, 22 karat"),
    "gold-24k": _l("gold-plated, 24 karat"),
    "rhodium": _l("rhodium-plated"),
}

TECHNIQUES: dict[str, Lazy] = {
    "granulation": _l("granulation (jawan)"),
    "wirework": _l("wire scroll (bun)"),
    "filigree": _l("filigree"),
    "chasing": _l("chasing (tatah)"),
    "repousse": _l("repoussé (timbul)"),
    "raising": _l("raising (kenteng)"),
    "openwork": _l("openwork (kerawang)"),
    "forging": _l("forging (tempa)"),
    "hammering": _l("hammered (palu)"),
    "lost-wax-casting": _l("lost-wax casting"),
    "wire-weaving": _l("woven wire"),
    "chain-making": _l("chain making"),
    "bezel-setting": _l("bezel setting"),
    "claw-setting": _l("claw setting"),
    "engraving": _l("engraving"),
    "hand-cutting": _l("hand cutting"),
    "hand-forming": _l("hand forming"),
    "doming": _l("doming"),
    "filing": _l("filing"),
    "soldering": _l("soldering"),
    "hinge-making": _l("hinge making"),
    "gold-plating": _l("gold plating"),
    "silver-plating": _l("silver plating"),
    "spinning": _l("spun on a lathe, not by hand"),
    "pressing": _l("pressed by machine, not by hand"),
}
MACHINE_TECHNIQUES = frozenset({"spinning", "pressing"})  # must be declared: not handmade (domain.md 3.1)

FINISHES: dict[str, Lazy] = {
    "polished": _l("polished"),
    "satin": _l("satin"),
    "hammered-polished": _l("hammered, then polished"),
    "oxidised": _l("oxidised"),
    "oxidised-recesses": _l("oxidised in the recesses"),
    "silver-plated": _l("silver-plated surface"),
    "gold-plated": _l("gold-plated surface"),
    "gold-plated-22k": _l("gold-plated surface, 22 karat"),
    "mixed": _l("several finishes"),
}


def name_of(names: Mapping[str, Lazy], code: str) -> str:
    """The name in the language of the moment; a code that has left the list shows as itself."""
    return str(names.get(code, code))


def names_of(names: Mapping[str, Lazy], codes: Sequence[str]) -> list[str]:
    return [name_of(names, code) for code in codes]


def choices(names: Mapping[str, Lazy]) -> list[tuple[str, Lazy]]:
    return list(names.items())


KINDS: dict[str, dict[str, Lazy]] = {
    "material": MATERIALS,
    "plating": PLATINGS,
    "technique": TECHNIQUES,
    "finish": FINISHES,
}


@cache
def both_languages(kind: str, code: str) -> str:
    """The names of a code in English and Indonesian, for the search document; '' for no code."""
    if not code:
        return ""
    names = []
    for lang in LANGUAGES:
        with speaking(lang):
            names.append(name_of(KINDS[kind], code))
    return " ".join(names)


def material_text(material: str, fineness: int | None) -> str:
    """'925 silver' / 'perak 925'; 'brass' / 'kuningan'."""
    if fineness and material == "silver":
        return str(_("%(fineness)s silver", fineness=fineness))
    if fineness and material == "gold":
        return str(_("%(fineness)s gold", fineness=fineness))
    return name_of(MATERIALS, material)


def fineness_text(material: str, fineness: int | None, plating: str = "") -> str:
    """What stands on a card: the metal, and the plating whenever there is one.

    '925 silver', '925 silver, gold-plated, 22 karat', 'silver-plated brass'; silver-coloured is never passed off as
    silver (domain.md 3.2).
    """
    metal = material_text(material, fineness)
    if not plating or plating == "none":
        return metal
    coat = name_of(PLATINGS, plating)
    if material in FINENESSES:
        return f"{metal}, {coat}"
    return str(_("%(plating)s %(metal)s", plating=coat, metal=metal))


def solidity_text(material: str, plating: str) -> str:
    """The tag that always tells solid from plated."""
    if plating and plating != "none":
        return name_of(PLATINGS, plating)
    return str(_("solid, not plated") if material in FINENESSES else _("not plated"))


def is_known(names: Mapping[str, Lazy], code: str) -> bool:
    return code in names


def unit_text(sold_as: str, set_count: int) -> str:
    """What one sold unit is, where it is not a single piece: 'pair', 'set of 3'."""
    if sold_as == "pair":
        return str(_("pair"))
    return str(_("set of %(count)s", count=set_count)) if sold_as == "set" else ""
