"""What a workshop says about itself on its public page."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.catalog import versions
from marketplace.core.db import locked, transaction
from marketplace.workshops.models import Workshop


@dataclass(frozen=True, slots=True)
class Profile:
    story_en: str
    story_id: str
    phone: str


def save_profile(workshop_id: int, profile: Profile) -> None:
    """Change the story and the phone number; the public page counts a new version. The name is the collective's."""
    with transaction():
        workshop = locked(Workshop, workshop_id)
        workshop.story_en, workshop.story_id, workshop.phone = profile.story_en, profile.story_id, profile.phone
        workshop.version += 1
        versions.bump([versions.workshop_scope(workshop_id)])
