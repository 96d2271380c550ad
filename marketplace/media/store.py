"""The storage that this shop was configured with."""

from __future__ import annotations

from functools import cache

from marketplace.core.context import shop_setting
from marketplace.core.storage import Storage, make_storage

_made = cache(make_storage)


def storage() -> Storage:
    return _made(shop_setting("media_url"))
