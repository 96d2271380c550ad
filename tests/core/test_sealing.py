"""What a stolen database must not tell: sealed texts open only with the shop's own key, or with its earlier one."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.core import sealing
from marketplace.core.sealing import Unreadable, seal, unseal


def shop(secret: str, old: str = "") -> Flask:
    app = Flask("sealed")
    sealing.init_app(app, secret, old)
    return app


def test_a_sealed_number_is_not_readable_and_opens_again() -> None:
    with shop("the first secret of this shop").app_context():
        sealed = seal("0012345678")
        assert "12345678" not in sealed
        assert unseal(sealed) == "0012345678"
        assert seal("0012345678") != sealed


def test_another_key_opens_nothing() -> None:
    with shop("the first secret").app_context():
        sealed = seal("0012345678")
    with shop("another secret").app_context(), pytest.raises(Unreadable):
        unseal(sealed)
    with shop("the first secret").app_context(), pytest.raises(Unreadable):
        unseal(sealed[:-4] + "AAAA")


def test_after_a_change_of_keys_the_earlier_one_still_opens() -> None:
    with shop("the first secret").app_context():
        sealed = seal("0012345678")
    with shop("the second secret", old="the first secret").app_context():
        assert unseal(sealed) == "0012345678"
        renewed = seal("0012345678")
    with shop("the second secret").app_context():
        assert unseal(renewed) == "0012345678"
