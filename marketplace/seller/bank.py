"""The bank account that the workshop's money goes to: shown with dots, changed with the password."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from marketplace.accounts.errors import TooManyTries, WrongPassword
from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import day
from marketplace.core.i18n import gettext as _
from marketplace.workshops import queries, services
from marketplace.workshops.roles import Act

from .faces import user_id, work_blueprint, workshop_id
from .forms.bank import BankForm
from .forms.problems import name_at_fields

bp = work_blueprint("seller_bank", __name__, "/seller/bank")
Page = Response | tuple[str, int] | tuple[str, int, dict[str, str]]


@bp.get("/")
@audience(Audience.SELLER, fresh=True, may=Act.BANK, second_factor=True)
def show() -> Page:
    return _page(BankForm(formdata=None), 200)


@bp.post("/")
@audience(Audience.SELLER, fresh=True, may=Act.BANK, second_factor=True)
def save() -> Page:
    form = BankForm()
    before = queries.bank_account_of(workshop_id())
    if not _is_right(form):
        return _page(form, 422)
    try:
        account_id = services.change_bank_account(workshop_id(), form.entry(), user_id(), form.password.data or "")
    except WrongPassword as error:
        name_at_fields(form, [("password", error.sentence)])
        return _page(form, 422)
    except TooManyTries as error:
        form.form_errors = [error.sentence]
        return (*_page(form, 429), {"Retry-After": str(error.seconds)})
    except services.NotTheOwner as error:
        form.form_errors = [error.sentence]
        return _page(form, error.status)
    flash(_news(None if before is None else before.id, account_id), "success")
    return redirect(url_for(".show"), 303)


def _is_right(form: BankForm) -> bool:
    """Token, password and lengths by the form, the account by the service: all that is wrong is said at once."""
    is_right = form.validate()
    try:
        services.clean(form.entry())
    except services.BankEntryInvalid as error:
        name_at_fields(form, [(name, str(sentence)) for name, sentence in error.errors.items()])
        return False
    return bool(is_right)


def _news(before: int | None, account_id: int) -> str:
    if before is None:
        return _("Saved. The next payout goes to this account.")
    if before == account_id:
        return _("This is the account that was here already. Nothing was changed.")
    account = queries.bank_account_of(workshop_id())
    until = day(account.usable_at) if account else ""
    return _("Changed. Payouts begin again on %(day)s, and go to this account.", day=until)


def _page(form: BankForm, status: int) -> tuple[str, int]:
    return render_template("seller/bank.html", form=form, bank=queries.bank_account_of(workshop_id())), status
