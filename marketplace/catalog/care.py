"""How to look after a piece, in one or two sentences. Source: domain.md 3.5."""

from __future__ import annotations

from marketplace.core.i18n import gettext as _

SOFT_STONES = ("pearl", "mutiara", "opal", "kalimaya", "turquoise", "pirus", "coral", "shell", "mother of pearl")


def care_text(material: str, plating: str, finish: str, stones: str) -> str:
    """Plated goods first, then dark finishes, then soft stones: what harms most decides."""
    if plating not in ("", "none") and material != "silver":
        return str(_("Water and a soft cloth only; replating is a service of the workshop"))
    if plating not in ("", "none"):
        return str(_("Soft dry cloth; no dip and no polish, they take the plating off"))
    if "oxidised" in finish:
        return str(_("Soft cloth; no dip, it lifts the dark finish"))
    if any(stone in stones.casefold() for stone in SOFT_STONES):
        return str(_("Soft cloth; no dip, it harms the stone"))
    if material == "silver":
        return str(_("Polishing cloth; keep it dry and apart, in a closed bag"))
    return str(_("Soft dry cloth"))
