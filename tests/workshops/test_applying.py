"""From a wish to a workshop: saved in parts, handed in, sent back, rejected, appealed, approved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.audit.models import AuditRow
from marketplace.core.db import db
from marketplace.core.errors import IllegalTransition, NotFound
from marketplace.core.i18n import speaking
from marketplace.workshops import services
from marketplace.workshops.models import Application, ApplicationStatus, Member, Workshop
from marketplace.workshops.naming import initials_of, slug_of
from marketplace.workshops.queries import application_of, workshop_of
from marketplace.workshops.reasons import ASK_FOR_MORE, REJECTIONS
from marketplace.workshops.services import ApplicationData
from tests.factories.accounts import AdminFactory, UserFactory
from tests.factories.catalog import PhotoFactory
from tests.helpers import mails

pytestmark = pytest.mark.usefixtures("app")

KOMANG = ApplicationData(
    workshop_name="Alit Rupa",
    contact_name="Ni Komang Trisna",
    form_of_address="Ibu",
    phone="0812 3400 0031",
    banjar="Celuk",
    since_year=2007,
    artisan_count=2,
    specialities=("granulation", "chasing"),
    story="Saya belajar dari bapak sejak umur dua belas tahun. Sekarang saya membuat jukung kecil.",
    agreed=True,
)


def applicant(data: ApplicationData = KOMANG, **facts: Any) -> Any:
    user = UserFactory(language="id", full_name="Ni Komang Trisna", **facts)
    services.save_application(user.id, data)
    services.add_application_photo(user.id, PhotoFactory(user_id=user.id).id, "bench")
    return user


def handed_in(**facts: Any) -> tuple[Any, int]:
    user = applicant(**facts)
    services.submit_application(user.id)
    return user, own(user).id


def own(user: Any) -> Application:
    query = sa.select(Application).where(Application.user_id == user.id).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def acts(kind: str, ident: int) -> list[str]:
    query = sa.select(AuditRow.action).where(AuditRow.subject_kind == kind, AuditRow.subject_id == ident)
    return list(db.session.scalars(query.order_by(AuditRow.id)))


def test_a_draft_may_be_half_empty_and_is_kept() -> None:
    user = UserFactory()
    first = services.save_application(user.id, ApplicationData(workshop_name="Alit"))
    second = services.save_application(user.id, ApplicationData(workshop_name="Alit Rupa", banjar="Celuk"))
    assert first == second
    kept = application_of(user.id)
    assert kept is not None
    assert (kept.workshop_name, kept.banjar, kept.agreed) == ("Alit Rupa", "Celuk", False)
    with pytest.raises(services.ApplicationIncomplete) as refused:
        services.submit_application(user.id)
    assert refused.value.missing == ("specialities", "contact_name", "phone", "story", "photos", "agreed")
    assert own(user).status is ApplicationStatus.DRAFT


@pytest.mark.parametrize("missing", ["workshop_name", "banjar", "specialities", "contact_name", "phone", "story"])
def test_each_part_is_asked_for(missing: str) -> None:
    empty: Any = () if missing == "specialities" else ""
    user = applicant(replace(KOMANG, **{missing: empty}))
    with pytest.raises(services.ApplicationIncomplete) as refused:
        services.submit_application(user.id)
    assert refused.value.missing == (missing,)


def test_approving_opens_the_workshop_with_its_owner() -> None:
    user, ident = handed_in()
    admin = AdminFactory()
    workshop_id = services.approve_application(ident, admin.id)
    workshop = db.session.get_one(Workshop, workshop_id)
    assert (workshop.slug, workshop.initials, workshop.email) == ("alit-rupa", "AR", user.email)
    assert workshop.story_id == KOMANG.story
    assert workshop.story_en == ""
    assert workshop.language == "id"
    assert not workshop.is_trusted
    assert workshop.in_good_standing
    seen = workshop_of(user.id)
    assert seen is not None
    assert seen.id == workshop_id
    assert seen.greeting_name == "Ibu Ni Komang Trisna"
    assert own(user).decided_by == admin.id
    assert own(user).workshop_id == workshop_id
    assert acts("application", ident) == ["application.submit", "application.approve"]
    assert acts("workshop", workshop_id) == ["workshop.open"]
    (mail,) = mails()
    assert mail.to == user.email
    assert "Alit Rupa" in mail.subject
    assert "/seller/" in mail.text


def test_two_of_one_name_get_addresses_of_their_own() -> None:
    admin = AdminFactory()
    slugs = []
    for _ in range(3):
        _user, ident = handed_in()
        slugs.append(db.session.get_one(Workshop, services.approve_application(ident, admin.id)).slug)
    assert slugs == ["alit-rupa", "alit-rupa-2", "alit-rupa-3"]


def test_sent_back_says_what_is_missing_and_keeps_the_place_in_the_queue(stopped_clock: Any) -> None:
    user, ident = handed_in()
    asked_first = own(user).submitted_at
    stopped_clock.forward(hours=20)
    services.send_back(ident, AdminFactory().id, "bench_photo", "Bu Komang, tinggal satu foto meja.")
    with speaking("id"):
        seen = application_of(user.id)
        assert seen is not None
        assert seen.is_editable
        assert seen.status is ApplicationStatus.SENT_BACK
        assert seen.words == "Bu Komang, tinggal satu foto meja."
        title = str(ASK_FOR_MORE[0].title)
        assert seen.reason_title == title
    (mail,) = mails()
    assert title in mail.text
    assert "tinggal satu foto meja" in mail.text
    assert "/seller/apply" in mail.text
    stopped_clock.forward(hours=2)
    services.save_application(user.id, replace(KOMANG, banjar="Tangsub"))
    services.submit_application(user.id)
    assert own(user).submitted_at == asked_first
    assert own(user).banjar == "Tangsub"
    services.send_back(ident, AdminFactory().id, "phone")
    assert len(mails()) == 2, "being asked a second time is news again"


def test_rejected_names_the_reason_and_an_appeal_is_looked_at_anew() -> None:
    user, ident = handed_in()
    admin = AdminFactory()
    services.reject(ident, admin.id, "not_celuk")
    (mail,) = mails()
    with speaking("id"):
        assert str(REJECTIONS[0].title) in mail.text
        assert str(REJECTIONS[0].advice) in mail.text
    assert workshop_of(user.id) is None
    services.submit_application(user.id)
    assert own(user).status is ApplicationStatus.APPLIED
    assert acts("application", ident)[-1] == "application.appeal"
    services.approve_application(ident, admin.id)
    assert workshop_of(user.id) is not None


def test_the_record_says_who_what_before_after_and_why() -> None:
    _user, ident = handed_in()
    admin = AdminFactory()
    services.reject(ident, admin.id, "other", "Bengkel ini sudah terdaftar.")
    row = db.session.scalars(sa.select(AuditRow).order_by(AuditRow.id.desc())).first()
    assert row is not None
    assert row.actor_id == admin.id
    assert row.action == "application.rejected"
    assert row.before == {"status": "applied"}
    assert row.after == {"status": "rejected", "reason_code": "other"}
    assert row.reason == "Bengkel ini sudah terdaftar."


def test_a_decision_is_made_once() -> None:
    _user, ident = handed_in()
    admin = AdminFactory()
    services.approve_application(ident, admin.id)
    for again in (
        lambda: services.approve_application(ident, admin.id),
        lambda: services.reject(ident, admin.id, "not_celuk"),
        lambda: services.send_back(ident, admin.id, "phone"),
    ):
        with pytest.raises(IllegalTransition):
            again()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Workshop)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Member)) == 1
    assert len(mails()) == 1


def test_a_reason_must_be_of_the_list_and_another_needs_words() -> None:
    _user, ident = handed_in()
    admin = AdminFactory()
    with pytest.raises(services.UnknownReason):
        services.reject(ident, admin.id, "bench_photo")  # of the other list
    with pytest.raises(services.UnknownReason):
        services.send_back(ident, admin.id, "")
    with pytest.raises(services.WordsMissing):
        services.reject(ident, admin.id, "other")
    assert not mails()
    assert acts("application", ident) == ["application.submit"]


def test_nothing_changes_while_the_collective_looks() -> None:
    user, _ident = handed_in()
    photo = PhotoFactory(user_id=user.id)
    for act in (
        lambda: services.save_application(user.id, KOMANG),
        lambda: services.add_application_photo(user.id, photo.id, "piece"),
        lambda: services.remove_application_photo(user.id, photo.id),
        lambda: services.submit_application(user.id),
    ):
        with pytest.raises(services.ApplicationClosed):
            act()


def test_photos_are_the_persons_own_and_few() -> None:
    user = applicant()
    with pytest.raises(NotFound):
        services.add_application_photo(user.id, PhotoFactory(user_id=UserFactory().id).id, "piece")
    with pytest.raises(NotFound):
        services.add_application_photo(user.id, PhotoFactory(user_id=user.id).id, "selfie")
    for _ in range(2):
        services.add_application_photo(user.id, PhotoFactory(user_id=user.id).id, "bench")
    extra = PhotoFactory(user_id=user.id)
    with pytest.raises(services.TooManyPhotos):
        services.add_application_photo(user.id, extra.id, "bench")
    services.add_application_photo(user.id, extra.id, "piece")
    services.remove_application_photo(user.id, extra.id)
    seen = application_of(user.id)
    assert seen is not None
    assert [kind for _photo, kind in seen.photos] == ["bench"] * 3


def test_trust_is_given_and_taken_with_a_record() -> None:
    admin = AdminFactory()
    workshop_id = services.create_workshop(services.WorkshopData(name="Jawan Sari"), owner_id=None)
    services.set_trust(workshop_id, admin.id, is_trusted=True, why="Five years without a complaint")
    assert db.session.get_one(Workshop, workshop_id).is_trusted
    services.set_trust(workshop_id, admin.id, is_trusted=False, why="A wrong weight")
    assert not db.session.get_one(Workshop, workshop_id).is_trusted
    assert acts("workshop", workshop_id) == ["workshop.open", "workshop.trust", "workshop.distrust"]


@pytest.mark.parametrize(
    ("name", "slug", "initials"),
    [
        ("Bun Patra Silver", "bun-patra-silver", "BP"),
        ("  Alit  ", "alit", "AL"),
        ("Bengkel Ny. Šuarti & Cucu", "bengkel-ny-suarti-cucu", "BN"),
        ("銀細工", "workshop", "銀細"),
        ("—", "workshop", "P"),
        ("A" * 200, "a" * 70, "AA"),
    ],
)
def test_names_give_addresses_and_marks(name: str, slug: str, initials: str) -> None:
    assert slug_of(name) == slug
    assert initials_of(name) == initials
