"""What a workshop says about itself on its public page."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from marketplace.audit.services import record
from marketplace.catalog import versions
from marketplace.core.db import locked, transaction
from marketplace.workshops.models import Workshop


@dataclass(frozen=True, slots=True)
class Profile:
    story_en: str
    story_id: str
    phone: str


def save_profile(workshop_id: int, profile: Profile, by: int | None = None) -> None:
    """Change the story and the phone number; the public page counts a new version. The name is the collective's."""
    with transaction():
        workshop = locked(Workshop, workshop_id)
        before = Profile(workshop.story_en, workshop.story_id, workshop.phone)
        workshop.story_en, workshop.story_id, workshop.phone = profile.story_en, profile.story_id, profile.phone
        workshop.version += 1
        versions.bump([versions.workshop_scope(workshop_id)])
        record("workshop.profile", "workshop", workshop_id, by, asdict(before), asdict(profile))
