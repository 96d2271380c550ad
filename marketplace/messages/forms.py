"""What the two sides of a talk send."""

from __future__ import annotations

import re
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, MultipleFileField, TextAreaField
from wtforms.validators import DataRequired, Length

from marketplace.core.forms import Form, clean
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.ids import new_key

from . import limits

_KEY = re.compile(r"[0-9A-Za-z-]{16,40}")
_TOO_LONG = _l("Write it shorter, at most %(max)d characters.")
MAX_UPLOAD = 124 * 1024 * 1024  # four photos of a phone; each of them is bounded by media


def _clean(text: Any) -> Any:
    return clean(text) if isinstance(text, str) else text


class MessageForm(Form):
    """`key` is made with the page, so that the same form twice is one message."""

    text = TextAreaField(_l("Your message"), [Length(max=limits.LONGEST, message=_TOO_LONG)], filters=[_clean])
    photos = MultipleFileField(_l("Photos"))
    key = HiddenField()

    def __init__(self, *args: Any, **options: Any) -> None:
        request.max_content_length = MAX_UPLOAD  # before anything reads the form of this request
        super().__init__(*args, **options)
        if not _KEY.fullmatch(str(self.key.data or "")):
            self.key.data = new_key()

    def uploads(self) -> list[FileStorage]:
        given = self.photos.data or []
        return [upload for upload in given if isinstance(upload, FileStorage) and upload.filename]


class ReportForm(Form):
    reason = TextAreaField(
        _l("What is wrong?"),
        [DataRequired(_l("Write what the collective should look at.")), Length(max=500, message=_TOO_LONG)],
        filters=[_clean],
    )
