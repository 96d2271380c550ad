"""Settings: the only reader of the environment. Every name is explained in the README's table."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
ENVIRONMENTS = ("development", "testing", "production")
PROCESSOR_KEYS = ("STRIPE_SECRET_KEY", "MIDTRANS_SERVER_KEY", "XENDIT_SECRET_KEY")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ConfigError(Exception):
    """The environment does not make a shop that may run; the message says what to set."""


def _env(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


@dataclass(frozen=True)
class Config:
    """What the shop runs with. `from_env` reads it; tests build it directly."""

    app_env: str = "development"
    secret_key: str = ""
    secret_key_old: str = ""
    site_url: str = ""
    host: str = "127.0.0.1"
    port: int = 5000
    instance_dir: Path = ROOT / "instance"
    database_url: str = ""
    redis_url: str = ""
    media_url: str = ""
    mail_url: str = ""
    mail_from: str = "Perak Celuk <shop@perak-celuk.example>"
    payment_processor: str = ""
    stripe_secret_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_api_base: str = ""
    trusted_proxies: int = 0
    other_processor_keys: tuple[str, ...] = field(default=())

    @classmethod
    def from_env(cls) -> Config:
        """Read the environment, fill in the defaults of development, refuse what may not run.

        Raises:
            ConfigError: with the sentence to print.
        """
        instance = Path(_env("INSTANCE_DIR", str(ROOT / "instance"))).resolve()
        app_env = _env("APP_ENV", "development")
        host, port = _env("HOST", "127.0.0.1"), _number("PORT", 5000)
        config = cls(
            app_env=app_env,
            secret_key=_env("SECRET_KEY", "" if app_env == "production" else "only-for-development"),
            secret_key_old=_env("SECRET_KEY_OLD"),
            site_url=_env("SITE_URL", "" if app_env == "production" else f"http://127.0.0.1:{port}").rstrip("/"),
            host=host,
            port=port,
            instance_dir=instance,
            database_url=_database_url(_env("DATABASE_URL", f"sqlite:///{instance / 'shop.db'}")),
            redis_url=_env("REDIS_URL"),
            media_url=_env("MEDIA_URL", f"file://{instance / 'media'}"),
            mail_url=_env("MAIL_URL", f"file://{instance / 'mail'}"),
            mail_from=_env("MAIL_FROM", cls.mail_from),
            payment_processor=_env("PAYMENT_PROCESSOR"),
            stripe_secret_key=_env("STRIPE_SECRET_KEY"),
            stripe_webhook_secret=_env("STRIPE_WEBHOOK_SECRET"),
            stripe_api_base=_env("STRIPE_API_BASE").rstrip("/"),
            trusted_proxies=_number("TRUSTED_PROXIES", 0),
            other_processor_keys=tuple(name for name in PROCESSOR_KEYS[1:] if _env(name)),
        )
        config.check()
        return config

    @property
    def processor(self) -> str:
        """The processor that takes the money: 'demo', 'stripe', or '' when none may."""
        if self.payment_processor:
            return self.payment_processor
        if self.stripe_secret_key:
            return "stripe"
        return "demo" if self.app_env in ("development", "testing") and not self.other_processor_keys else ""

    @property
    def https(self) -> bool:
        return self.site_url.startswith("https://")

    @property
    def site_host(self) -> str:
        return urlsplit(self.site_url).netloc

    def check(self) -> None:
        """Refuse what security.md 43 and payments.md 10 forbid."""
        problems = [*self._general_problems(), *self._processor_problems()]
        if self.app_env == "production":
            problems += self._production_problems()
        if problems:
            raise ConfigError("\n".join(problems))

    def _general_problems(self) -> list[str]:
        problems = []
        if self.app_env not in ENVIRONMENTS:
            problems.append(f"APP_ENV is '{self.app_env}': it must be one of {', '.join(ENVIRONMENTS)}.")
        if self.payment_processor not in ("", "demo", "stripe"):
            problems.append(f"PAYMENT_PROCESSOR is '{self.payment_processor}': it must be demo or stripe.")
        return problems

    def _processor_problems(self) -> list[str]:
        live, test = self.stripe_secret_key.startswith("sk_live_"), self.stripe_secret_key.startswith("sk_test_")
        keys = bool(self.stripe_secret_key or self.other_processor_keys)
        checks = [
            (
                self.processor == "demo" and (keys or self.app_env == "production"),
                "The demo processor may not run in production or beside a real key: unset PAYMENT_PROCESSOR.",
            ),
            (live and self.app_env != "production", "STRIPE_SECRET_KEY is a live key: it belongs in production only."),
            (test and self.app_env == "production", "STRIPE_SECRET_KEY is a test key: production needs a live one."),
            (
                bool(self.stripe_secret_key) and not self.stripe_webhook_secret,
                "STRIPE_WEBHOOK_SECRET is missing: without it no payment message can be trusted.",
            ),
            (
                self.payment_processor == "stripe" and not self.stripe_secret_key,
                "PAYMENT_PROCESSOR is stripe, but STRIPE_SECRET_KEY is missing.",
            ),
            (
                bool(self.stripe_api_base)
                and self.app_env == "production"
                and urlsplit(self.stripe_api_base).hostname not in LOOPBACK,
                "STRIPE_API_BASE may name another host only outside production.",
            ),
        ]
        return [sentence for wrong, sentence in checks if wrong]

    def _production_problems(self) -> list[str]:
        problems = []
        if len(self.secret_key) < 32 or self.secret_key == "only-for-development":
            problems.append("SECRET_KEY is missing or shorter than 32 characters: set a random one.")
        address = urlsplit(self.site_url)
        if not address.scheme or not address.hostname:
            problems.append("SITE_URL is missing: set the shop's public address, such as https://perakceluk.id.")
        elif address.scheme != "https" and address.hostname not in LOOPBACK:
            problems.append("SITE_URL must begin with https:// (http only for a rehearsal on this machine).")
        if os.environ.get("FLASK_DEBUG", "0") not in ("", "0", "false"):
            problems.append("FLASK_DEBUG is on: production runs without a debugger.")
        return problems


def _number(name: str, default: int) -> int:
    text = _env(name, str(default))
    if not text.isdigit():
        raise ConfigError(f"{name} is '{text}': it must be a whole number.")
    return int(text)


def _database_url(url: str) -> str:
    """The driver is ours to choose: psycopg 3 for every spelling of a PostgreSQL address."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
