"""Becoming a workshop: one page in five parts, kept at every step; then what the collective says to it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.forms import one_line
from marketplace.core.i18n import gettext as _
from marketplace.media import services as media
from marketplace.media.models import PhotoShape
from marketplace.media.queries import photo_views
from marketplace.orders import commission
from marketplace.workshops import services
from marketplace.workshops.models import ApplicationStatus, MemberRole
from marketplace.workshops.queries import OwnApplication, application_of, workshop_of

from .editor import allow_photos
from .faces import PageTooOld, check_token, has_token, user_id, work_blueprint
from .forms.apply import MISSING, ApplicationForm
from .forms.problems import Problems, name_at_fields

bp = work_blueprint("seller_apply", __name__, "/seller/apply")
Page = Response | tuple[str, int]
UPLOADS = ("piece", "bench")
# The part of the page that a reason speaks of (workshops/reasons.py), to be led to at once.
PART_OF = {"bench_photo": "photos", "piece_photo": "photos", "phone": "phone", "story": "story", "visit": "story"}
AS_TYPED = (
    *("workshop_name", "contact_name", "form_of_address", "phone", "banjar", "story", "story_language", "agreed"),
)


@bp.get("/")
@audience(Audience.BUYER)
def show() -> Page:
    """The form, or where the application stands; an owner is sent to the workshop's first page."""
    application = application_of(user_id())
    if application is not None and not application.is_editable:
        return _status_page(application)
    own = workshop_of(user_id())
    if application is None and own is not None and own.role is MemberRole.OWNER:
        return redirect(url_for("seller.home"), 303)
    return _page(application, _form_of(application), [], 200)


@bp.post("/")
@audience(Audience.BUYER)
def save() -> Page:
    allow_photos()
    form = ApplicationForm()
    problems = _keep(form)
    if problems:
        return _page(application_of(user_id()), form, problems, 422)
    has_photos = any(upload.filename for name in UPLOADS for upload in request.files.getlist(name))
    if not has_photos:
        flash(_("Saved. Go on whenever you like."), "success")
    return redirect(url_for(".show", _anchor="photos" if has_photos else None), 303)


@bp.post("/photos/<int:photo_id>/removal")
@audience(Audience.BUYER)
def photo(photo_id: int) -> Page:
    """Take a photo out again; everything typed is kept."""
    allow_photos()
    form = ApplicationForm()
    problems = _keep(form)
    try:
        check_token()
        services.remove_application_photo(user_id(), photo_id)
    except PageTooOld:
        pass  # said already
    except DomainError as error:
        problems.append(("", error.sentence))
    if problems:
        return _page(application_of(user_id()), form, problems, 422)
    return redirect(url_for(".show", _anchor="photos"), 303)


@bp.post("/submission")
@audience(Audience.BUYER)
def submit() -> Page:
    allow_photos()
    form = ApplicationForm()
    problems = _keep(form)
    if not problems:
        try:
            services.submit_application(user_id())
        except services.ApplicationIncomplete as error:
            problems = [(name, str(MISSING.get(name, error.sentence))) for name in error.missing]
        except DomainError as error:
            problems = [("", error.sentence)]
    if problems:
        return _page(application_of(user_id()), form, problems, 422)
    return redirect(url_for(".show"), 303)


def _keep(form: ApplicationForm) -> Problems:
    """Save what was typed and receive what was photographed; gives what could not be kept."""
    if not has_token():
        return [("", PageTooOld().sentence)]
    if not form.validate():
        problems = form.problems()
    else:
        problems = []
        try:
            services.save_application(user_id(), form.application())
        except DomainError as error:
            return [("", error.sentence)]
    for kind in UPLOADS:
        problems += _receive(kind)
    return problems


def _receive(kind: str) -> Problems:
    problems: Problems = []
    for upload in request.files.getlist(kind):
        if not upload.filename:
            continue
        try:
            photo_id = media.receive(upload.read(media.READ_AT_MOST), user_id=user_id(), shape=PhotoShape.FREE)
            services.add_application_photo(user_id(), photo_id, kind)
        except DomainError as error:
            problems.append(("photos", f"{one_line(upload.filename)[:60]}: {error.sentence}"))
    return problems


def _form_of(application: OwnApplication | None) -> ApplicationForm:
    if application is None:
        language = current_user.language
        data: dict[str, Any] = {"contact_name": current_user.full_name, "story_language": language, "banjar": "Celuk"}
    else:
        data = {name: getattr(application, name) for name in AS_TYPED}
        data["specialities"] = list(application.specialities)
        data["since_year"] = str(application.since_year or "")
        data["artisan_count"] = str(application.artisan_count or "")
    return ApplicationForm(formdata=None, data=data)


def _page(application: OwnApplication | None, form: ApplicationForm, problems: Problems, status: int) -> Page:
    name_at_fields(form, problems)
    html = render_template(
        "seller/apply.html",
        application=application,
        form=form,
        problems=problems,
        photos=_photos(application),
        percent=commission.rates(clock.today()).basis_points(0, None) / 100,
        part_of_reason=PART_OF.get(application.reason_code, "") if application is not None else "",
        was_answered=application is not None
        and application.status in (ApplicationStatus.SENT_BACK, ApplicationStatus.REJECTED),
    )
    return html, status


def _photos(application: OwnApplication | None) -> dict[str, list[tuple[int, Any]]]:
    found: dict[str, list[tuple[int, Any]]] = {kind: [] for kind in UPLOADS}
    if application is not None:
        views = photo_views([photo_id for photo_id, _kind in application.photos])
        for photo_id, kind in application.photos:
            found.setdefault(kind, []).append((photo_id, views.get(photo_id)))
    return found


def _status_page(application: OwnApplication) -> Page:
    html = render_template(
        "seller/application.html", application=application, workshop=workshop_of(user_id()), photos=_photos(application)
    )
    return html, 200
