"""The people of the small shop: somebody who packs, and somebody who is invited."""

from __future__ import annotations

from typing import Any

from marketplace.accounts.models import User
from marketplace.accounts.tokens import token_of
from marketplace.core.db import db
from marketplace.workshops.models import Invitation, MemberRole
from marketplace.workshops.services import people
from tests.factories.accounts import UserFactory
from tests.factories.workshops import MemberFactory


def facts(workshop_id: int, owner: User) -> dict[str, Any]:
    """The numbers and words in the addresses of pages about people, each of a row that is there."""
    packer = MemberFactory(workshop_id=workshop_id, user_id=UserFactory().id, role=MemberRole.PACKER)
    invited = people.invite(workshop_id, "kadek@example.com", MemberRole.PACKER, owner.id, "127.0.0.1")
    token = token_of(db.session.get_one(Invitation, invited).salt)
    return {
        "member_id": packer.id,
        "invitation_id": invited,
        **{f"invitations.{act}": {"token": token} for act in ("show", "accept", "decline")},
    }
