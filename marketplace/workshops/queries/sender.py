"""Who sends a parcel: what stands on its label."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.core.db import db

from ..models import Workshop


@dataclass(frozen=True, slots=True)
class Sender:
    name: str
    lines: tuple[str, ...]  # without the name
    phone: str


def sender_of(workshop_id: int) -> Sender:
    """A workshop's post address; every workshop stands in Celuk, in a banjar of its own."""
    row = db.session.execute(
        sa.select(Workshop.name, Workshop.banjar, Workshop.phone).where(Workshop.id == workshop_id)
    ).one()
    banjar = "" if row.banjar in ("", "Celuk") else f"Banjar {row.banjar}"
    lines = (banjar, "Celuk, Sukawati, Gianyar 80582", "Bali, Indonesia")
    return Sender(row.name, tuple(line for line in lines if line), row.phone)
