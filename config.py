"""Settings: the only reader of the environment. Every name is explained in the README's table."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
ENVIRONMENTS = ("development", "testing", "production")
OTHER_KEYS = ("XENDIT_SECRET_KEY",)  # of processors that the shop does not know: it runs no demo beside them
PROCESSORS = ("demo", "stripe", "midtrans")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
MIDTRANS_LIVE, MIDTRANS_SANDBOX = "Mid-server-", "SB-Mid-server-"  # how a server key begins
MIDTRANS_HOSTS = ("api.midtrans.com", "app.midtrans.com")


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
    midtrans_server_key: str = ""
    midtrans_api_base: str = ""
    midtrans_snap_base: str = ""
    metal_rate_url: str = ""
    metal_rate_max_age_hours: int = 72
    trusted_proxies: int = 0
    page_cache: int = 0  # megabytes of public pages that a web process keeps
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
            midtrans_server_key=_env("MIDTRANS_SERVER_KEY"),
            midtrans_api_base=_env("MIDTRANS_API_BASE").rstrip("/"),
            midtrans_snap_base=_env("MIDTRANS_SNAP_BASE").rstrip("/"),
            metal_rate_url=_env("METAL_RATE_URL"),
            metal_rate_max_age_hours=_number("METAL_RATE_MAX_AGE_HOURS", 72),
            trusted_proxies=_number("TRUSTED_PROXIES", 0),
            page_cache=_number("PAGE_CACHE", 64 if app_env == "production" else 0),
            other_processor_keys=tuple(name for name in OTHER_KEYS if _env(name)),
        )
        config.check()
        return config

    @property
    def processors(self) -> tuple[str, ...]:
        """Who takes the money: ('demo',), or every processor that has a key; () when none may."""
        if self.payment_processor:
            return (self.payment_processor,)
        keys = {"stripe": self.stripe_secret_key, "midtrans": self.midtrans_server_key}
        found = tuple(name for name, key in keys.items() if key)
        is_rehearsal = self.app_env in ("development", "testing") and not self.other_processor_keys
        return found or (("demo",) if is_rehearsal else ())

    @property
    def midtrans_is_live(self) -> bool:
        return self.midtrans_server_key.startswith(MIDTRANS_LIVE)

    @property
    def midtrans_addresses(self) -> tuple[str, str]:
        """Where Midtrans answers: (its API, its hosted pages), those of the key's mode unless set."""
        mode = "" if self.midtrans_is_live else "sandbox."
        return (
            self.midtrans_api_base or f"https://api.{mode}midtrans.com",
            self.midtrans_snap_base or f"https://app.{mode}midtrans.com",
        )

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
        if self.payment_processor not in ("", *PROCESSORS):
            names = ", ".join(PROCESSORS)
            problems.append(f"PAYMENT_PROCESSOR is '{self.payment_processor}': it must be one of {names}.")
        if self.metal_rate_url and not self._may_ask_for_rates():
            problems.append("METAL_RATE_URL must begin with https:// (http only for a stand-in on this machine).")
        if not self.metal_rate_max_age_hours:
            problems.append("METAL_RATE_MAX_AGE_HOURS is 0: no rate would ever count.")
        return problems

    def _may_ask_for_rates(self) -> bool:
        address = urlsplit(self.metal_rate_url)
        if address.username or address.password or not address.hostname:
            return False
        is_here = address.hostname in LOOPBACK and self.app_env != "production"
        return address.scheme == "https" or (address.scheme == "http" and is_here)

    def _processor_problems(self) -> list[str]:
        keys = bool(self.stripe_secret_key or self.midtrans_server_key or self.other_processor_keys)
        checks = [
            (
                "demo" in self.processors and (keys or self.app_env == "production"),
                "The demo processor may not run in production or beside a real key: unset PAYMENT_PROCESSOR.",
            ),
            *self._stripe_problems(),
            *self._midtrans_problems(),
        ]
        return [sentence for wrong, sentence in checks if wrong]

    def _stripe_problems(self) -> list[tuple[bool, str]]:
        live, test = self.stripe_secret_key.startswith("sk_live_"), self.stripe_secret_key.startswith("sk_test_")
        return [
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

    def _midtrans_problems(self) -> list[tuple[bool, str]]:
        key = self.midtrans_server_key
        elsewhere = [
            name
            for name, base in (
                ("MIDTRANS_API_BASE", self.midtrans_api_base),
                ("MIDTRANS_SNAP_BASE", self.midtrans_snap_base),
            )
            if base and not _is_midtrans_or_here(base)
        ]
        return [
            (
                bool(key) and not key.startswith((MIDTRANS_LIVE, MIDTRANS_SANDBOX)),
                f"MIDTRANS_SERVER_KEY is no server key: one begins with {MIDTRANS_LIVE} or {MIDTRANS_SANDBOX}.",
            ),
            (
                self.midtrans_is_live and self.app_env != "production",
                "MIDTRANS_SERVER_KEY is a live key: it belongs in production only.",
            ),
            (
                key.startswith(MIDTRANS_SANDBOX) and self.app_env == "production",
                "MIDTRANS_SERVER_KEY is a sandbox key: production needs a live one.",
            ),
            (
                self.payment_processor == "midtrans" and not key,
                "PAYMENT_PROCESSOR is midtrans, but MIDTRANS_SERVER_KEY is missing.",
            ),
            (
                bool(elsewhere) and self.app_env == "production",
                f"{' and '.join(elsewhere)} may name another host only outside production.",
            ),
        ]

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


def _is_midtrans_or_here(address: str) -> bool:
    parts = urlsplit(address)
    return parts.hostname in LOOPBACK or (parts.scheme == "https" and parts.hostname in MIDTRANS_HOSTS)


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
