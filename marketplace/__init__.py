"""Perak Celuk: one Flask application. `create_app` is its table of contents."""

from __future__ import annotations

import importlib
import logging
from pathlib import Path

from flask import Flask, g
from flask_login import LoginManager, current_user

from config import ROOT, Config

from . import tables  # noqa: F401 (every table must be known before the first statement)
from .core import addresses, assets, audience, db, i18n, icons, page_cache, rendering, sealing, tasks, web

# Every page of the shop, by area. The order is that of a sale: find, choose, pay, make, send, oversee.
BLUEPRINTS = (
    "marketplace.core.health:bp",
    "marketplace.media.views:bp",
    "marketplace.accounts.views:bp",
    "marketplace.accounts.codes:bp",
    "marketplace.accounts.security:bp",
    "marketplace.accounts.two_step:bp",
    "marketplace.accounts.addresses:bp",
    "marketplace.storefront.catalog:bp",
    "marketplace.storefront.pages:bp",
    "marketplace.storefront.me:bp",
    "marketplace.storefront.seen:bp",
    "marketplace.storefront.feeds:bp",
    "marketplace.storefront.cart:bp",
    "marketplace.storefront.orders:bp",
    "marketplace.storefront.receipts:bp",
    "marketplace.storefront.account_orders:bp",
    "marketplace.storefront.talk:bp",
    "marketplace.checkout.views:bp",
    "marketplace.payments.views:bp",
    "marketplace.seller.apply:bp",
    "marketplace.seller.home:bp",
    "marketplace.seller.listings:bp",
    "marketplace.seller.stock:bp",
    "marketplace.seller.holidays:bp",
    "marketplace.seller.photos:bp",
    "marketplace.seller.prices:bp",
    "marketplace.seller.uploads:bp",
    "marketplace.seller.phrases:bp",
    "marketplace.seller.many:bp",
    "marketplace.seller.files:bp",
    "marketplace.seller.orders:bp",
    "marketplace.seller.slips:bp",
    "marketplace.seller.refunds:bp",
    "marketplace.seller.talk:bp",
    "marketplace.seller.answers:bp",
    "marketplace.seller.earnings:bp",
    "marketplace.seller.account:bp",
    "marketplace.seller.payouts:bp",
    "marketplace.seller.statements:bp",
    "marketplace.seller.bank:bp",
    "marketplace.seller.settings:bp",
    "marketplace.seller.people:bp",
    "marketplace.seller.invitations:bp",
    "marketplace.seller.know:bp",
    "marketplace.seller.demand:bp",
    "marketplace.seller.pocket:bp",
    "marketplace.admin.home:bp",
    "marketplace.admin.applications:bp",
    "marketplace.admin.workshops:bp",
    "marketplace.admin.workshop_money:bp",
    "marketplace.admin.listings:bp",
    "marketplace.admin.orders:bp",
    "marketplace.admin.parcels:bp",
    "marketplace.admin.refunds:bp",
    "marketplace.admin.disputes:bp",
    "marketplace.admin.payouts:bp",
    "marketplace.admin.payout_runs:bp",
    "marketplace.admin.books:bp",
    "marketplace.admin.people:bp",
    "marketplace.admin.talk:bp",
    "marketplace.admin.audit:bp",
    "marketplace.admin.demand:bp",
    "marketplace.admin.rates:bp",
    "marketplace.admin.metals:bp",
    "marketplace.admin.commission:bp",
)

# Areas with a start of their own (`<area>/setup.py`): commands, jobs, sweepers, and who listens to whose news.
STARTS = (
    "media",
    "notifications",
    "accounts",
    "catalog",
    "search",
    "shipping",
    "cart",
    "orders",
    "payments",
    "payouts",
    "messages",
    "insights",
    "seed",
    "core",
)


def create_app(config: Config | None = None) -> Flask:
    """Build the shop from `config` (default: the environment).

    Raises:
        ConfigError: the settings may not run.
        MissingAudience: an endpoint does not say whom it is for.
    """
    config = config or Config.from_env()
    app = Flask(
        "marketplace",
        static_folder=None,
        template_folder=str(ROOT / "templates"),
        instance_path=str(config.instance_dir),
    )
    rendering.init_app(app)
    _settings(app, config)
    _logging()
    db.init_app(app, config.database_url)
    sealing.init_app(app, config.secret_key, config.secret_key_old)
    i18n.init_app(app)
    web.init_app(app)
    page_cache.init_app(app, config.page_cache)
    addresses.init_app(app)
    assets.init_app(app, ROOT / "static")
    icons.init_app(app)
    tasks.init_app(app, config.redis_url, config.instance_dir, immediate=config.app_env == "testing")
    _areas(app, config)
    web.guard_origin(app)
    for name in BLUEPRINTS:
        _register(app, name)
    audience.check_all(app)
    return app


def _settings(app: Flask, config: Config) -> None:
    config.instance_dir.mkdir(parents=True, exist_ok=True)
    app.secret_key = config.secret_key
    app.config.update(
        SHOP=config,
        APP_ENV=config.app_env,
        TESTING=config.app_env == "testing",
        SITE_URL=config.site_url,
        HTTPS=config.https,
        TRUSTED_PROXIES=config.trusted_proxies,
        TRANSLATIONS=Path(app.root_path) / "translations",
        FORM_TARGETS=_form_targets(config),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["demo_mode"] = "demo" in config.processors


def _form_targets(config: Config) -> list[str]:
    """Browsers check where a form's redirect leads: the processors' hosted pages must be allowed."""
    targets = []
    if "stripe" in config.processors:
        targets += ["https://checkout.stripe.com", *([config.stripe_api_base] if config.stripe_api_base else [])]
    if "midtrans" in config.processors:
        _api, pages = config.midtrans_addresses
        targets.append(pages)
    return targets


def _logging() -> None:
    if not logging.getLogger().handlers:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")


def _register(app: Flask, name: str) -> None:
    module, _, attribute = name.partition(":")
    app.register_blueprint(getattr(importlib.import_module(module), attribute))


def _areas(app: Flask, config: Config) -> None:
    """Every area's own start: what hangs itself into the app, its commands, its sweepers."""
    from .accounts.models import User
    from .accounts.sessions import DatabaseSessions

    app.session_interface = DatabaseSessions()
    login = LoginManager()
    app.login_manager = login  # type: ignore[attr-defined]  # not its init_app: that opens a session on every answer
    login.session_protection = None  # ours renews the token at sign-in

    @login.user_loader  # type: ignore[untyped-decorator]
    def load(user_id: str) -> User | None:
        user = db.db.session.get(User, int(user_id))
        return user if user is not None and user.is_active else None

    @app.context_processor
    def who() -> dict[str, object]:
        """Only a page that may know its visitor can ask who is looking."""
        return {} if g.get("audience") in (None, audience.Audience.PUBLIC) else {"current_user": current_user}

    from .workshops.queries import workshop_of
    from .workshops.queries.people import offer_to

    audience.init_app(app, workshop_of)
    app.extensions["invitation_to"] = offer_to
    for module in STARTS:
        importlib.import_module(f"marketplace.{module}.setup").init_app(app)
