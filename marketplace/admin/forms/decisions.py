"""Decisions: each names a reason of a list, or gives one in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from marketplace.core.forms import Form, WholeNumberField, clean
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.moderation.reasons import LISTING_REJECTIONS, SUSPENSIONS, TAKEDOWNS
from marketplace.workshops.reasons import ASK_FOR_MORE, REJECTIONS, Reason

WORDS = 1000
_CHOOSE = SelectChoice("", _l("Choose a reason"))


def reason_field(reasons: Sequence[Reason], label: Any) -> SelectField:
    return SelectField(
        label, choices=[_CHOOSE, *(SelectChoice(reason.code, reason.title) for reason in reasons)], default=""
    )


def words_field(label: Any) -> TextAreaField:
    return TextAreaField(label, filters=[clean], validators=[Length(max=WORDS)])


class _Decision(Form):
    """yes, ask (send back) or no; the last two need a reason, and 'something else' needs words."""

    words: TextAreaField

    def chosen_code(self) -> str:
        field: SelectField = self["ask_code"] if self["decision"].data == "ask" else self["no_code"]
        return str(field.data or "")

    def validate_ask_code(self, field: SelectField) -> None:
        self._needs_reason(field, "ask")

    def validate_no_code(self, field: SelectField) -> None:
        self._needs_reason(field, "no")

    def validate_words(self, field: TextAreaField) -> None:
        if self["decision"].data in ("ask", "no") and self.chosen_code() == "other" and not field.data:
            raise ValidationError(_l("Write what the reader should know: this reason says nothing by itself."))

    def _needs_reason(self, field: SelectField, decision: str) -> None:
        if self["decision"].data == decision and not field.data:
            raise ValidationError(_l("Choose a reason from the list."))


class ApplicationForm(_Decision):
    decision = RadioField(
        _l("Decision"),
        choices=[
            SelectChoice("yes", _l("Approve")),
            SelectChoice("ask", _l("Ask for more")),
            SelectChoice("no", _l("Reject")),
        ],
        validators=[InputRequired(_l("Choose a decision."))],
    )
    ask_code = reason_field(ASK_FOR_MORE, _l("What is missing?"))
    no_code = reason_field(REJECTIONS, _l("Reason"))
    words = words_field(_l("Message"))


class ListingForm(_Decision):
    """`version_id` and `revision` name what the reviewer has seen."""

    version_id = WholeNumberField(validators=[InputRequired(), NumberRange(1, 2**63 - 1)])
    revision = WholeNumberField(validators=[InputRequired(), NumberRange(0, 2**31 - 1)])
    decision = RadioField(
        _l("Decision"),
        choices=[
            SelectChoice("yes", _l("Approve")),
            SelectChoice("ask", _l("Ask to change")),
            SelectChoice("no", _l("Take the piece down")),
        ],
        validators=[InputRequired(_l("Choose a decision."))],
    )
    ask_code = reason_field(LISTING_REJECTIONS, _l("What should change?"))
    no_code = reason_field(TAKEDOWNS, _l("Reason"))
    words = words_field(_l("Message"))


class TakedownForm(Form):
    """Of a piece without a version that waits."""

    code = reason_field(TAKEDOWNS, _l("Reason, the workshop reads it"))
    words = words_field(_l("In your words"))

    def validate_code(self, field: SelectField) -> None:
        if not field.data:
            raise ValidationError(_l("Choose a reason from the list."))

    def validate_words(self, field: TextAreaField) -> None:
        if self["code"].data == "other" and not field.data:
            raise ValidationError(_l("Write what the reader should know: this reason says nothing by itself."))


class SuspensionForm(TakedownForm):
    code = reason_field(SUSPENSIONS, _l("Reason, the workshop reads it"))


class WhyForm(Form):
    """An act that needs no list, only a sentence for the record. `about` keeps two of them on a page apart."""

    act = HiddenField()
    why = StringField(
        _l("Why"),
        filters=[clean],
        validators=[InputRequired(_l("Write why: it is kept in the record.")), Length(min=3, max=300)],
    )

    def __init__(self, *args: Any, about: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if about:
            self.why.id = f"{about}-why"
