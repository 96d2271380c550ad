"""Which settings may take money (payments.md 10), and which addresses exist then."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from config import Config, ConfigError
from marketplace import create_app
from marketplace.core.money import Money
from marketplace.payments.errors import PaymentsNotSetUp
from marketplace.payments.processors.demo import DemoProcessor
from marketplace.payments.processors.midtrans import MidtransProcessor
from marketplace.payments.processors.stripe import StripeProcessor
from marketplace.payments.setup import offer_for, processor_named

LIVE, TEST, HOOK = "sk_live_abc", "sk_test_abc", "whsec_abc"
SANDBOX, MIDTRANS = "SB-Mid-server-abc", "Mid-server-abc"


BOTH, ALONE, KEYED = ("stripe", "midtrans"), ("midtrans",), {"midtrans_server_key": SANDBOX}


def config(**settings: object) -> Config:
    base: dict[str, object] = {
        "app_env": "development",
        "secret_key": "s" * 40,
        "site_url": "http://127.0.0.1:5000",
    }
    if settings.get("app_env") == "production":
        base["site_url"] = "https://perakceluk.example"
    return Config(**{**base, **settings})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "chosen"),
    [
        ({}, ("demo",)),
        ({"app_env": "testing"}, ("demo",)),
        ({"payment_processor": "demo"}, ("demo",)),
        ({"stripe_secret_key": TEST, "stripe_webhook_secret": HOOK}, ("stripe",)),
        ({"payment_processor": "stripe", "stripe_secret_key": TEST, "stripe_webhook_secret": HOOK}, ("stripe",)),
        ({"midtrans_server_key": SANDBOX}, ("midtrans",)),
        ({"stripe_secret_key": TEST, "stripe_webhook_secret": HOOK, "midtrans_server_key": SANDBOX}, BOTH),
        ({"payment_processor": "midtrans", "stripe_secret_key": TEST, "stripe_webhook_secret": HOOK} | KEYED, ALONE),
        ({"other_processor_keys": ("XENDIT_SECRET_KEY",)}, ()),
        ({"app_env": "production"}, ()),
        ({"app_env": "production", "stripe_secret_key": LIVE, "stripe_webhook_secret": HOOK}, ("stripe",)),
        ({"app_env": "production", "midtrans_server_key": MIDTRANS}, ("midtrans",)),
    ],
)
def test_who_takes_the_money(settings: dict[str, object], chosen: tuple[str, ...]) -> None:
    made = config(**settings)
    made.check()
    assert made.processors == chosen


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"app_env": "production", "payment_processor": "demo"}, "demo processor"),
        ({"payment_processor": "demo", "stripe_secret_key": TEST, "stripe_webhook_secret": HOOK}, "demo processor"),
        ({"payment_processor": "demo", "midtrans_server_key": SANDBOX}, "demo processor"),
        ({"payment_processor": "demo", "other_processor_keys": ("XENDIT_SECRET_KEY",)}, "demo processor"),
        ({"stripe_secret_key": LIVE, "stripe_webhook_secret": HOOK}, "live key"),
        ({"app_env": "testing", "stripe_secret_key": LIVE, "stripe_webhook_secret": HOOK}, "live key"),
        ({"app_env": "production", "stripe_secret_key": TEST, "stripe_webhook_secret": HOOK}, "test key"),
        ({"stripe_secret_key": TEST}, "STRIPE_WEBHOOK_SECRET"),
        ({"payment_processor": "stripe"}, "STRIPE_SECRET_KEY"),
        ({"payment_processor": "paypal"}, "PAYMENT_PROCESSOR"),
        (
            {
                "app_env": "production",
                "stripe_secret_key": LIVE,
                "stripe_webhook_secret": HOOK,
                "stripe_api_base": "https://elsewhere.example",
            },
            "STRIPE_API_BASE",
        ),
        ({"midtrans_server_key": MIDTRANS}, "live key"),
        ({"app_env": "testing", "midtrans_server_key": MIDTRANS}, "live key"),
        ({"app_env": "production", "midtrans_server_key": SANDBOX}, "sandbox key"),
        ({"midtrans_server_key": "SB-Mid-client-abc"}, "no server key"),
        ({"app_env": "production", "midtrans_server_key": "abc"}, "no server key"),
        ({"payment_processor": "midtrans"}, "MIDTRANS_SERVER_KEY"),
        *(
            ({"app_env": "production", "midtrans_server_key": MIDTRANS, setting: address}, setting.upper())
            for setting in ("midtrans_api_base", "midtrans_snap_base")
            for address in (
                "https://elsewhere.example",
                "https://api.midtrans.com.elsewhere.example",
                "https://api.midtrans.com@elsewhere.example",
                "http://api.midtrans.com",
                "https://api.sandbox.midtrans.com",
            )
        ),
    ],
)
def test_what_may_not_run(settings: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        config(**settings).check()


@pytest.mark.parametrize("name", ["STRIPE_SECRET_KEY", "MIDTRANS_SERVER_KEY", "XENDIT_SECRET_KEY"])
def test_the_environment_with_a_key_refuses_the_demo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    for other in ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "MIDTRANS_SERVER_KEY", "XENDIT_SECRET_KEY"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv("APP_ENV", "development")
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    monkeypatch.setenv("PAYMENT_PROCESSOR", "demo")
    assert Config.from_env().processors == ("demo",)
    monkeypatch.setenv(name, SANDBOX if name == "MIDTRANS_SERVER_KEY" else TEST)
    with pytest.raises(ConfigError, match="demo processor"):
        Config.from_env()
    monkeypatch.delenv("PAYMENT_PROCESSOR")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", HOOK)
    by_key = {"STRIPE_SECRET_KEY": ("stripe",), "MIDTRANS_SERVER_KEY": ("midtrans",)}
    assert Config.from_env().processors == by_key.get(name, ())


@pytest.mark.parametrize(
    ("settings", "addresses"),
    [
        ({"midtrans_server_key": SANDBOX}, ("https://api.sandbox.midtrans.com", "https://app.sandbox.midtrans.com")),
        ({"midtrans_server_key": MIDTRANS}, ("https://api.midtrans.com", "https://app.midtrans.com")),
        (
            {**KEYED, "midtrans_api_base": "http://127.0.0.1:1"},
            ("http://127.0.0.1:1", "https://app.sandbox.midtrans.com"),
        ),
    ],
)
def test_the_key_tells_which_midtrans(settings: dict[str, object], addresses: tuple[str, str]) -> None:
    assert config(**settings).midtrans_addresses == addresses


@pytest.mark.parametrize("here", ["http://127.0.0.1:5081", "http://localhost:5081", "https://app.midtrans.com"])
def test_a_rehearsal_in_production_may_ask_a_stand_in_on_this_machine(here: str) -> None:
    config(app_env="production", midtrans_server_key=MIDTRANS, midtrans_api_base=here, midtrans_snap_base=here).check()


def test_debug_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert config(stripe_secret_key=TEST, stripe_webhook_secret=HOOK).processors == ("stripe",)
    with pytest.raises(ConfigError, match="FLASK_DEBUG"):
        config(app_env="production").check()


STRIPE = {"stripe_secret_key": TEST, "stripe_webhook_secret": HOOK}
SUM = Money(925_000, "IDR")
PRODUCTION = {"app_env": "production", "site_url": "https://perakceluk.example"}


@pytest.mark.parametrize(
    ("settings", "has_demo", "kind"),
    [
        ({}, True, DemoProcessor),
        ({"payment_processor": "demo"}, True, DemoProcessor),
        ({"app_env": "development"}, True, DemoProcessor),
        (STRIPE, False, StripeProcessor),
        (KEYED, False, MidtransProcessor),
        ({**STRIPE, "app_env": "development"}, False, StripeProcessor),
        ({"other_processor_keys": ("XENDIT_SECRET_KEY",)}, False, None),
        (PRODUCTION, False, None),
        ({**PRODUCTION, "stripe_secret_key": LIVE, "stripe_webhook_secret": HOOK}, False, StripeProcessor),
    ],
)
def test_the_demo_page_exists_only_with_the_demo_processor(
    shop_config: Config, settings: dict[str, object], has_demo: bool, kind: type | None
) -> None:
    app = create_app(dataclasses.replace(shop_config, **settings))  # type: ignore[arg-type]
    rules = {str(rule) for rule in app.url_map.iter_rules()}
    assert any("demo-payment" in rule for rule in rules) is has_demo
    assert "/webhooks/<processor>" in rules
    with app.app_context():
        if kind is None:
            with pytest.raises(PaymentsNotSetUp):
                offer_for(SUM)
        else:
            assert type(processor_named(offer_for(SUM).processor)) is kind
        assert (processor_named("demo") is not None) is has_demo
    if not has_demo:
        site = app.config["SITE_URL"]
        for method in ("GET", "POST"):
            client = app.test_client()
            assert client.open("/demo-payment/x", method=method, base_url=site).status_code == 404
        assert app.test_client().post("/webhooks/demo", base_url=site).status_code == 404


def test_a_live_key_is_live_and_a_test_key_is_not() -> None:
    made = {key: StripeProcessor(key, HOOK, "", timeout=(3, 8), retries=1) for key in (LIVE, TEST, "rk_live_a")}
    assert [made[key].livemode for key in (LIVE, TEST, "rk_live_a")] == [True, False, True]
