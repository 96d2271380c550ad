"""A workshop's pieces as a file: out, the empty table, in again, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.catalog.queries import sheet as queries
from marketplace.catalog.services import imports
from marketplace.catalog.sheet import columns
from marketplace.catalog.sheet.reading import MOST_BYTES, MOST_ROWS, TooLarge
from marketplace.core.audience import Audience, audience
from marketplace.core.errors import DomainError
from marketplace.core.i18n import gettext as _
from marketplace.core.spreadsheets import MARK, line
from marketplace.workshops.roles import Act

from .faces import check_token, user_id, work_blueprint, workshop_id

bp = work_blueprint("seller_files", __name__, "/seller/files")
Answer = Response | str | tuple[str, int]
ROOM = 64 * 1024  # for what a form carries beside the file


@bp.get("/")
@audience(Audience.SELLER, may=Act.PRICES)
def index() -> Answer:
    return _page()


@bp.post("/")
@audience(Audience.SELLER, may=Act.PRICES)
def send() -> Answer:
    """A body that is larger than any file of pieces is not read at all."""
    if (request.content_length or 0) > MOST_BYTES + ROOM:
        return _page(TooLarge().sentence, 413)
    request.max_content_length = MOST_BYTES + ROOM
    try:
        check_token()
        file = request.files.get("file")
        if file is None or not file.filename:
            return _page(_("Choose the file first."), 422)
        data = file.read(MOST_BYTES + 1)
        ident = imports.receive(workshop_id(), user_id(), file.filename, data, current_user.language)
    except DomainError as error:
        return _page(error.sentence, 413 if isinstance(error, TooLarge) else 422)
    return redirect(url_for(".show", import_id=ident), 303)


@bp.get("/pieces.csv")
@audience(Audience.SELLER, may=Act.PRICES)
def download() -> Response:
    return _file(queries.table(workshop_id()), _("pieces-%(workshop)s", workshop=g.workshop.slug))


@bp.get("/empty.csv")
@audience(Audience.SELLER, may=Act.PRICES)
def template() -> Response:
    return _file([queries.template()], _("new-pieces"))


@bp.get("/<int:import_id>")
@audience(Audience.SELLER, may=Act.PRICES)
def show(import_id: int) -> Answer:
    """While the worker is at it the page asks again by itself; it is told when nothing is left to wait for."""
    found = _own(import_id)
    return render_template("seller/file.html", found=found, waits=found.is_running)


@bp.get("/<int:import_id>/faults.csv")
@audience(Audience.SELLER, may=Act.PRICES)
def faults(import_id: int) -> Response:
    found = _own(import_id)
    rows: list[list[str | int]] = [[_("Row"), _("Column"), _("What is wrong")]]
    rows += [[number, column, sentence] for number, column, sentence in found.errors]
    return _file([MARK, *(line(row) for row in rows)], _("faults-%(number)s", number=found.id))


@bp.post("/<int:import_id>/approval")
@audience(Audience.SELLER, may=Act.PRICES)
def approve(import_id: int) -> Answer:
    _own(import_id)
    try:
        check_token()
        imports.approve(import_id, workshop_id(), by=user_id())
    except DomainError as error:
        flash(error.sentence, "error")
    return redirect(url_for(".show", import_id=import_id), 303)


@bp.post("/<int:import_id>/cancellation")
@audience(Audience.SELLER, may=Act.PRICES)
def cancel(import_id: int) -> Answer:
    _own(import_id)
    try:
        check_token()
        imports.cancel(import_id, workshop_id())
    except DomainError as error:
        flash(error.sentence, "error")
        return redirect(url_for(".show", import_id=import_id), 303)
    flash(_("Put aside. Nothing was changed."), "success")
    return redirect(url_for(".index"), 303)


def _own(import_id: int) -> queries.ImportView:
    found = queries.one_import(import_id, workshop_id())
    if found is None:
        abort(404)
    return found


def _page(problem: str = "", status: int = 200) -> tuple[str, int]:
    html = render_template(
        "seller/files.html",
        problem=problem,
        found=queries.imports(workshop_id()),
        columns=columns.COLUMNS,
        most_rows=MOST_ROWS,
    )
    return html, status


def _file(lines: Iterable[str], name: str) -> Response:
    answer = Response("".join(lines), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
