"""The ready-made answers of a workshop, all in one form with an empty one at its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import FieldList, FormField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.validators import ValidationError

from marketplace.core.forms import Form, clean, one_line
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.messages.replies import LONGEST_BODY, LONGEST_TITLE, MOST, Reply

from .texts import at_most


class AnswerEntry(PlainForm):
    title = StringField(_l("Name of the answer"), [at_most(LONGEST_TITLE)])
    body_id = TextAreaField(_l("In Indonesian"), [at_most(LONGEST_BODY)])
    body_en = TextAreaField(_l("In English"), [at_most(LONGEST_BODY)])

    def reply(self) -> Reply:
        return Reply(one_line(self.title.data), clean(self.body_en.data), clean(self.body_id.data))

    def validate_title(self, field: StringField) -> None:
        if not one_line(field.data) and any(self.reply()):
            raise ValidationError(_l("Give this answer a short name."))

    def validate_body_id(self, _field: TextAreaField) -> None:
        reply = self.reply()
        if reply.title and not reply.body_id and not reply.body_en:
            raise ValidationError(_l("Write the answer in one of the two languages."))


class AnswersForm(Form):
    answers = FieldList(FormField(AnswerEntry), max_entries=MOST)

    def replies(self) -> list[Reply]:
        """Those that say something, in their order; emptied ones are gone."""
        return [reply for entry in self.answers if any(reply := entry.form.reply())]

    def problems(self) -> list[tuple[str, str]]:
        """(id, sentence) down to the field inside its answer."""
        inner = [field for entry in self.answers for field in entry.form]
        whole = [("", str(error)) for error in self.csrf_token.errors]
        return whole + [(field.id, str(error)) for field in inner for error in field.errors]


def filled_with(replies: Sequence[Reply]) -> dict[str, Any]:
    """What the form shows: the answers as they are, and room for one more."""
    room = [Reply("", "", "")] if len(replies) < MOST else []
    return {"answers": [reply._asdict() for reply in (*replies, *room)]}
