"""From a wish to a workshop: applying, deciding, opening. Standing (suspension) is moderation's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, insert_ignore, locked, transaction
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.media.models import Photo

from .. import mails
from ..models import Application, ApplicationPhoto, ApplicationStatus, Member, MemberRole, Workshop
from ..naming import initials_of, numbered, slug_of
from ..reasons import ASK_FOR_MORE, REJECTIONS, Reason, codes

PHOTO_LIMITS = {"bench": 3, "piece": 6, "proof": 3}
LEAST_STORY = 40  # characters
EDITABLE = (ApplicationStatus.DRAFT, ApplicationStatus.SENT_BACK, ApplicationStatus.REJECTED)
SUBJECT = "application"


class ApplicationClosed(DomainError):
    message = _l("The application is with the collective and cannot be changed now. We answer within 3 working days.")


class ApplicationIncomplete(DomainError):
    """`missing` names the fields: those of ApplicationData, and 'photos'."""

    message = _l("Something is still missing. Fill in the marked parts and send it again.")

    def __init__(self, missing: Sequence[str]) -> None:
        self.missing = tuple(missing)
        super().__init__()


class TooManyPhotos(DomainError):
    message = _l("There are already %(limit)s photos of this kind. Remove one first.")


class UnknownReason(DomainError):
    message = _l("Choose a reason from the list.")


class WordsMissing(DomainError):
    message = _l("Write what the reader should know: this reason says nothing by itself.")


@dataclass(frozen=True, slots=True)
class ApplicationData:
    """What the applicant typed; anything may still be empty in a draft. Specialities are technique codes."""

    workshop_name: str = ""
    contact_name: str = ""
    form_of_address: str = ""
    phone: str = ""
    banjar: str = ""
    since_year: int | None = None
    artisan_count: int | None = None
    specialities: tuple[str, ...] = ()
    story: str = ""
    story_language: str = "id"
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class WorkshopData:
    """A workshop to open. `initials` and `slug` are made from the name when left empty."""

    name: str
    contact_name: str = ""
    form_of_address: str = ""
    phone: str = ""
    email: str = ""
    language: str = "id"
    banjar: str = "Celuk"
    since_year: int | None = None
    artisan_count: int | None = None
    specialities: tuple[str, ...] = ()
    story_en: str = ""
    story_id: str = ""
    slug: str = ""
    initials: str = ""
    photo_id: int | None = None
    is_trusted: bool = False


def save_application(user_id: int, data: ApplicationData) -> int:
    """Keep what was typed so far, finished or not; gives the application's number.

    Raises:
        ApplicationClosed: it is being looked at, or was approved.
    """
    with transaction():
        application = _own(user_id)
        fields = {name: getattr(data, name) for name in ApplicationData.__slots__ if name != "agreed"}
        fields["specialities"] = list(data.specialities)
        for name, value in fields.items():
            setattr(application, name, value)
        if data.agreed != (application.agreed_at is not None):
            application.agreed_at = clock.now() if data.agreed else None
        application.updated_at = clock.now()
        return application.id


def add_application_photo(user_id: int, photo_id: int, kind: str) -> None:
    """Add a proof: `kind` is bench, piece or proof.

    Raises:
        NotFound: the photo is somebody else's.
        TooManyPhotos, ApplicationClosed
    """
    with transaction():
        application = _own(user_id)
        if kind not in PHOTO_LIMITS or not _is_own_photo(photo_id, user_id):
            raise NotFound("Photo", photo_id)
        of_kind = sa.select(sa.func.count(), sa.func.coalesce(sa.func.max(ApplicationPhoto.position), -1)).where(
            ApplicationPhoto.application_id == application.id, ApplicationPhoto.kind == kind
        )
        count, last = db.session.execute(of_kind).one()
        if count >= PHOTO_LIMITS[kind]:
            raise TooManyPhotos(limit=PHOTO_LIMITS[kind])
        insert_ignore(ApplicationPhoto, application_id=application.id, photo_id=photo_id, kind=kind, position=last + 1)
        application.updated_at = clock.now()


def remove_application_photo(user_id: int, photo_id: int) -> None:
    """Take a proof out again; one that is not there is no error.

    Raises:
        ApplicationClosed
    """
    with transaction():
        application = _own(user_id)
        db.session.execute(
            sa.delete(ApplicationPhoto).where(
                ApplicationPhoto.application_id == application.id, ApplicationPhoto.photo_id == photo_id
            )
        )
        application.updated_at = clock.now()


def submit_application(user_id: int) -> None:
    """Hand it in, again after being asked for more, or as an appeal. The first time decides the place in the queue.

    Raises:
        ApplicationIncomplete, ApplicationClosed
    """
    with transaction():
        application = _own(user_id)
        missing = missing_of(application, _photo_count(application.id))
        if missing:
            raise ApplicationIncomplete(missing)
        before = application.status
        application.move_to(ApplicationStatus.APPLIED, clock.now())
        application.updated_at = clock.now()
        action = "application.appeal" if before is ApplicationStatus.REJECTED else "application.submit"
        record(action, SUBJECT, application.id, user_id, {"status": before}, {"status": application.status})


def missing_of(application: Application, photo_count: int) -> list[str]:
    """The names of what has to be filled in before it can be handed in, in the order of the page."""
    required = ("workshop_name", "banjar", "specialities", "contact_name", "phone")
    missing = [name for name in required if not getattr(application, name)]
    if len(application.story) < LEAST_STORY:
        missing.append("story")
    if not photo_count:
        missing.append("photos")
    if application.agreed_at is None:
        missing.append("agreed")
    return missing


def approve_application(application_id: int, by: int) -> int:
    """Open the workshop with its owner; gives the workshop's number.

    Raises:
        IllegalTransition: somebody has decided meanwhile.
    """
    with transaction():
        application = locked(Application, application_id)
        before = application.status
        application.move_to(ApplicationStatus.APPROVED, clock.now())
        workshop_id = create_workshop(_workshop_of(application), owner_id=application.user_id, by=by)
        application.decided_by, application.workshop_id = by, workshop_id
        application.reason_code = application.reason = ""
        after = {"status": application.status, "workshop_id": workshop_id}
        record("application.approve", SUBJECT, application.id, by, {"status": before}, after)
        mails.approved(application)
        return workshop_id


def send_back(application_id: int, by: int, code: str, words: str = "") -> None:
    """Ask for more; the applicant keeps the place in the queue.

    Raises:
        UnknownReason, WordsMissing
        IllegalTransition: somebody has decided meanwhile.
    """
    reason = given(ASK_FOR_MORE, code, words)
    with transaction():
        application = _decide(application_id, ApplicationStatus.SENT_BACK, by, code, words)
        mails.sent_back(application, reason)


def reject(application_id: int, by: int, code: str, words: str = "") -> None:
    """Say no, with a reason that the applicant reads and how to appeal.

    Raises:
        UnknownReason, WordsMissing
        IllegalTransition: somebody has decided meanwhile.
    """
    reason = given(REJECTIONS, code, words)
    with transaction():
        application = _decide(application_id, ApplicationStatus.REJECTED, by, code, words)
        mails.rejected(application, reason)


def create_workshop(data: WorkshopData, *, owner_id: int | None, by: int | None = None) -> int:
    """Open a workshop under a free address, with its owner as first member."""
    with transaction():
        workshop = _insert_workshop(data)
        if owner_id is not None:
            db.session.add(
                Member(workshop_id=workshop.id, user_id=owner_id, role=MemberRole.OWNER, created_at=clock.now())
            )
        after = {"name": workshop.name, "slug": workshop.slug, "owner_id": owner_id}
        record("workshop.open", "workshop", workshop.id, by, {}, after)
        return workshop.id


def set_trust(workshop_id: int, by: int, *, is_trusted: bool, why: str) -> None:
    """Whether its new pieces are shown without being looked at first."""
    with transaction():
        workshop = locked(Workshop, workshop_id)
        before, workshop.is_trusted = workshop.is_trusted, is_trusted
        action = "workshop.trust" if is_trusted else "workshop.distrust"
        record(action, "workshop", workshop_id, by, {"is_trusted": before}, {"is_trusted": is_trusted}, why)


def given(reasons: tuple[Reason, ...], code: str, words: str) -> Reason:
    """The reason of a list that an admin chose.

    Raises:
        UnknownReason: it is not of this list.
        WordsMissing: it says nothing without words of its own.
    """
    if code not in codes(reasons):
        raise UnknownReason
    reason = next(row for row in reasons if row.code == code)
    if reason.needs_words and not words:
        raise WordsMissing
    return reason


def _own(user_id: int) -> Application:
    """The person's one application under lock, begun now if there was none; only while it may be changed."""
    now = clock.now()
    insert_ignore(
        Application,
        user_id=user_id,
        status=ApplicationStatus.DRAFT,
        workshop_name="",
        contact_name="",
        form_of_address="",
        phone="",
        banjar="",
        specialities=[],
        story="",
        story_language="id",
        reason_code="",
        reason="",
        created_at=now,
        updated_at=now,
    )
    ident = db.session.scalar(sa.select(Application.id).where(Application.user_id == user_id))
    application = locked(Application, int(ident or 0), user_id=user_id)
    if application.status not in EDITABLE:
        raise ApplicationClosed
    return application


def _decide(application_id: int, status: ApplicationStatus, by: int, code: str, words: str) -> Application:
    application = locked(Application, application_id)
    before = application.status
    application.move_to(status, clock.now())
    application.decided_by, application.reason_code, application.reason = by, code, words
    after = {"status": status, "reason_code": code}
    record(f"application.{status}", SUBJECT, application.id, by, {"status": before}, after, words)
    return application


def _is_own_photo(photo_id: int, user_id: int) -> bool:
    return db.session.scalar(sa.select(Photo.user_id).where(Photo.id == photo_id)) == user_id


def _photo_count(application_id: int) -> int:
    query = sa.select(sa.func.count()).where(ApplicationPhoto.application_id == application_id)
    return db.session.scalar(query) or 0


def _workshop_of(application: Application) -> WorkshopData:
    user = db.session.get_one(User, application.user_id)
    data = WorkshopData(
        name=application.workshop_name,
        contact_name=application.contact_name,
        form_of_address=application.form_of_address,
        phone=application.phone,
        email=user.email,
        language=user.language,
        banjar=application.banjar,
        since_year=application.since_year,
        artisan_count=application.artisan_count,
        specialities=tuple(application.specialities),
    )
    if application.story_language == "en":
        return replace(data, story_en=application.story)
    return replace(data, story_id=application.story)


def _insert_workshop(data: WorkshopData) -> Workshop:
    """Two workshops of one name that open in the same instant: the later one takes the next free address."""
    for _try in range(8):
        workshop = _new_row(data, _free_slug(data.slug or slug_of(data.name)))
        try:
            with db.session.begin_nested():
                db.session.add(workshop)
        except IntegrityError:
            continue
        return workshop
    raise DomainError


def _free_slug(slug: str) -> str:
    taken = set(db.session.scalars(sa.select(Workshop.slug).where(Workshop.slug.startswith(slug, autoescape=True))))
    number = 1
    while numbered(slug, number) in taken:
        number += 1
    return numbered(slug, number)


def _new_row(data: WorkshopData, slug: str) -> Workshop:
    now = clock.now()
    return Workshop(
        slug=slug,
        name=data.name,
        initials=data.initials or initials_of(data.name),
        contact_name=data.contact_name,
        form_of_address=data.form_of_address,
        phone=data.phone,
        email=data.email,
        language=data.language,
        banjar=data.banjar,
        since_year=data.since_year,
        artisan_count=data.artisan_count,
        specialities=list(data.specialities),
        story_en=data.story_en,
        story_id=data.story_id,
        photo_id=data.photo_id,
        is_trusted=data.is_trusted,
        approved_at=now,
        created_at=now,
    )
