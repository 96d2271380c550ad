"""Who belongs to a workshop: invited by mail, accepted by the person, changed and removed by an owner (features.md F3).

There is always an owner: every act that could take the last one away reads the members under the workshop's lock.
Whoever is removed is so from the next request on, because each one reads membership and role anew (core/audience.py).
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from marketplace.accounts import throttle
from marketplace.accounts.models import User
from marketplace.accounts.throttle import Limit
from marketplace.accounts.tokens import token_of
from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.ids import hash_token, new_token

from .. import people_mails as mails
from ..models import Invitation, Member, MemberRole, Workshop

VALID_DAYS = 7
MOST_OPEN = 20  # invitations of one workshop that nobody has answered
INVITES = Limit("invite:workshop", 30, timedelta(hours=24))


class OwnersOnly(DomainError):
    """Somebody who was an owner when the page was opened."""

    message = _l("Only an owner of the workshop can do that.")
    status = 403


class LastOwner(DomainError):
    message = _l("A workshop needs an owner. Make somebody else an owner first.")


class AlreadyMember(DomainError):
    message = _l("This person works for the workshop already.")


class TooManyInvitations(DomainError):
    message = _l("%(most)s invitations are waiting. Take one back first.")


class InvitationDead(DomainError):
    """Used, taken back, too old, or never made."""

    message = _l("This invitation works no longer. Ask the workshop for a new one.")
    status = 410


class NotForYou(DomainError):
    message = _l("This invitation went to another address. Sign in with the one that received the mail.")
    status = 403


def invite(workshop_id: int, email: str, role: MemberRole, by: int, address: str) -> int:
    """Write to `email` (as accounts keeps it); the same one again gets a new link, and the old one dies.

    Whether there is an account with that email is not looked at: mail and answer are the same.

    Raises:
        AlreadyMember, TooManyInvitations, TooManyTries
    """
    throttle.take((INVITES, str(workshop_id)), (throttle.MAIL_ACCOUNT, email))
    with transaction():
        workshop = _own(workshop_id, by)
        if _is_member(workshop_id, email):
            raise AlreadyMember
        open_ones = list(db.session.scalars(_open(workshop_id)))
        row = next((one for one in open_ones if one.email == email), None)
        if row is None and len(open_ones) >= MOST_OPEN:
            raise TooManyInvitations(most=MOST_OPEN)
        before = {} if row is None else {"email": row.email, "role": row.role.value}
        row = row or Invitation(workshop_id=workshop_id, email=email, created_at=clock.now())
        row.role, row.invited_by = role, by
        _send(row, workshop)
        record("member.invite", "workshop", workshop_id, by, before, {"email": email, "role": role.value})
        return row.id


def _own(workshop_id: int, by: int) -> Workshop:
    """The workshop, held while its people change, if `by` is an owner of it at this moment."""
    workshop = locked(Workshop, workshop_id)
    member = _member_row(workshop_id, by)
    if member is None or member.role is not MemberRole.OWNER:
        raise OwnersOnly
    return workshop


def _is_member(workshop_id: int, email: str) -> bool:
    query = sa.select(Member.id).join(User, User.id == Member.user_id)
    return db.session.scalar(query.where(Member.workshop_id == workshop_id, User.email == email)) is not None


def _open(workshop_id: int) -> sa.Select[Invitation]:
    """Unanswered ones, those too old among them: the list shows them until they are sent again or taken back."""
    return sa.select(Invitation).where(
        Invitation.workshop_id == workshop_id, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)
    )


def _send(row: Invitation, workshop: Workshop) -> None:
    row.salt = new_token()
    row.token_hash = hash_token(token_of(row.salt))
    row.expires_at = clock.now() + timedelta(days=VALID_DAYS)
    db.session.add(row)
    db.session.flush()
    mails.invited(row, workshop, VALID_DAYS)


def send_again(workshop_id: int, invitation_id: int, by: int) -> None:
    """A new link, good for another week; the old one dies.

    Raises:
        NotFound: it is another workshop's, or answered.
        TooManyTries
    """
    email = _waiting(workshop_id, invitation_id).email
    throttle.take((INVITES, str(workshop_id)), (throttle.MAIL_ACCOUNT, email))
    with transaction():
        workshop = _own(workshop_id, by)
        row = _waiting(workshop_id, invitation_id)
        row.invited_by = by
        _send(row, workshop)
        record("member.invite_again", "workshop", workshop_id, by, after={"email": row.email, "role": row.role.value})


def revoke(workshop_id: int, invitation_id: int, by: int) -> None:
    """Take an invitation back: its link is dead.

    Raises:
        NotFound: it is another workshop's, or answered.
    """
    with transaction():
        _own(workshop_id, by)
        row = _waiting(workshop_id, invitation_id)
        row.revoked_at = clock.now()
        record("member.uninvite", "workshop", workshop_id, by, before={"email": row.email, "role": row.role.value})


def _waiting(workshop_id: int, invitation_id: int) -> Invitation:
    row = db.session.scalar(_open(workshop_id).where(Invitation.id == invitation_id))
    if row is None:
        raise NotFound("Invitation", invitation_id)
    return row


def accept(token: str, user_id: int) -> int:
    """Become a member; gives the workshop's number. Only who owns the invited mailbox can, and only once.

    Raises:
        InvitationDead: used, taken back, too old, or the workshop is closed.
        NotForYou: the person's own, confirmed email is another one.
    """
    with transaction():
        found = db.session.scalar(sa.select(Invitation).where(Invitation.token_hash == hash_token(token)))
        if found is None:
            raise InvitationDead
        workshop = locked(Workshop, found.workshop_id)
        row = locked(Invitation, found.id)
        if workshop.closed_at is not None:
            raise InvitationDead
        user = _check(row, token, user_id)
        row.accepted_at, row.accepted_by = clock.now(), user_id
        member = _member_row(workshop.id, user_id)
        if member is None:
            db.session.add(
                Member(
                    workshop_id=workshop.id,
                    user_id=user_id,
                    role=row.role,
                    invited_by=row.invited_by,
                    created_at=clock.now(),
                )
            )
            record("member.join", "workshop", workshop.id, user_id, {}, _facts(user, row.role))
            mails.joined(workshop, user, row.role)
        return workshop.id


def decline(token: str, user_id: int) -> None:
    """No, thank you: the link is dead.

    Raises:
        InvitationDead, NotForYou: as `accept`.
    """
    with transaction():
        found = db.session.scalar(sa.select(Invitation).where(Invitation.token_hash == hash_token(token)))
        if found is None:
            raise InvitationDead
        row = locked(Invitation, found.id)
        _check(row, token, user_id)
        row.revoked_at = clock.now()
        record("member.decline", "workshop", row.workshop_id, user_id, before={"role": row.role.value})


def _check(row: Invitation, token: str, user_id: int) -> User:
    is_open = row.accepted_at is None and row.revoked_at is None and row.expires_at > clock.now()
    if not is_open or row.token_hash != hash_token(token):
        raise InvitationDead
    user = db.session.get_one(User, user_id, populate_existing=True)
    if user.email != row.email or user.email_confirmed_at is None:
        raise NotForYou
    return user


def change_role(workshop_id: int, member_id: int, role: MemberRole, by: int) -> None:
    """From the person's next request on.

    Raises:
        NotFound: not a member of this workshop.
        LastOwner: nobody else could manage the workshop.
    """
    with transaction():
        workshop = _own(workshop_id, by)
        member = locked(Member, member_id, workshop_id=workshop_id)
        if member.role is role:
            return
        _keep_an_owner(member, role)
        before, member.role = member.role, role
        user = db.session.get_one(User, member.user_id)
        record("member.role", "workshop", workshop_id, by, _facts(user, before), _facts(user, role))
        if role is not MemberRole.OWNER:
            _take_back_invitations(member)
        mails.role_changed(workshop, user, role, by)


def remove(workshop_id: int, member_id: int, by: int) -> None:
    """From the person's next request on; the person and the owners are told.

    Raises:
        NotFound: not a member of this workshop.
        LastOwner: nobody else could manage the workshop.
    """
    with transaction():
        workshop = _own(workshop_id, by)
        member = locked(Member, member_id, workshop_id=workshop_id)
        _take_out("member.remove", workshop, member, by)


def leave(workshop_id: int, user_id: int) -> None:
    """Of one's own will.

    Raises:
        NotFound: not a member of this workshop.
        LastOwner: nobody else could manage the workshop.
    """
    with transaction():
        workshop = locked(Workshop, workshop_id)
        member = _member_row(workshop_id, user_id)
        if member is None:
            raise NotFound("Member", user_id)
        _take_out("member.leave", workshop, member, user_id)


def _take_out(action: str, workshop: Workshop, member: Member, by: int) -> None:
    _keep_an_owner(member, None)
    user = db.session.get_one(User, member.user_id)
    record(action, "workshop", workshop.id, by, before=_facts(user, member.role))
    _take_back_invitations(member)
    db.session.delete(member)
    db.session.flush()
    mails.removed(workshop, user, by)


def _take_back_invitations(member: Member) -> None:
    """What somebody without the right has sent out would be a way back in."""
    query = _open(member.workshop_id).where(Invitation.invited_by == member.user_id)
    for row in db.session.scalars(query):
        row.revoked_at = clock.now()


def _keep_an_owner(member: Member, role: MemberRole | None) -> None:
    if member.role is not MemberRole.OWNER or role is MemberRole.OWNER:
        return
    others = sa.select(sa.func.count()).select_from(Member).join(User, User.id == Member.user_id)
    query = others.where(
        Member.workshop_id == member.workshop_id,
        Member.role == MemberRole.OWNER,
        Member.id != member.id,
        User.disabled_at.is_(None),
    )
    if not db.session.scalars(query).one():
        raise LastOwner


def _member_row(workshop_id: int, user_id: int) -> Member | None:
    return db.session.scalar(sa.select(Member).where(Member.workshop_id == workshop_id, Member.user_id == user_id))


def _facts(user: User, role: MemberRole) -> dict[str, str]:
    return {"name": user.full_name or user.email, "role": role.value}
