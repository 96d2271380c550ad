"""How a move of a metal is said to a person."""

from __future__ import annotations

from marketplace.core.i18n import gettext as _

from .attributes import MATERIALS, name_of


def metal_name(metal: str) -> str:
    """At the beginning of a sentence: 'Silver', 'Perak'."""
    name = name_of(MATERIALS, metal)
    return name[:1].upper() + name[1:]


def metal_moved(metal: str, old: int | None, new: int) -> str:
    """'Silver has risen', 'Perak naik'; without a rate before only that there is a new one."""
    if old is None or old == new:
        return str(_("New rate of %(metal)s", metal=name_of(MATERIALS, metal)))
    if new > old:
        return str(_("%(metal)s has risen", metal=metal_name(metal)))
    return str(_("%(metal)s has fallen", metal=metal_name(metal)))
