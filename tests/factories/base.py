"""What every factory stands on."""

from __future__ import annotations

from typing import Any

import factory

from marketplace.core.db import db


class RowFactory(factory.Factory):
    """Adds the row and flushes it, so that it has its number; `commit()` at the end of the call makes it real."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: type[Any], *args: Any, **kwargs: Any) -> Any:
        row = model_class(*args, **kwargs)
        db.session.add(row)
        db.session.commit()
        return row
