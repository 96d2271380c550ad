"""Who is invited, and as what."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField
from wtforms.validators import InputRequired

from marketplace.accounts.forms import EmailInput
from marketplace.core.forms import Form, filled
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.workshops.models import MemberRole
from marketplace.workshops.roles import name_of

ROLES = (MemberRole.PACKER, MemberRole.MAKER, MemberRole.OWNER)
_CHOOSE = _l("Choose what this person does.")


class _RoleForm(Form):
    role = RadioField(_l("Works as"), [InputRequired(_CHOOSE)], validate_choice=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.role.choices = [(role.value, name_of(role)) for role in ROLES]

    def chosen(self) -> MemberRole:
        return MemberRole(filled(self.role.data))


class InvitationForm(_RoleForm):
    email = EmailInput(_l("Email"))


class RoleForm(_RoleForm):
    """Stands on the page once for each person, drawn by hand: its ids would be the same each time."""
