"""What notifications hang into the app: the way out, the outbox's job and sweeper, the reader in development."""

from __future__ import annotations

from flask import Flask

from . import services, transport  # noqa: F401 (the job and the sweeper register themselves)


def init_app(app: Flask) -> None:
    config = app.config["SHOP"]
    transport.init_app(app, config)
    if config.app_env != "production" and transport.folder_of(config.mail_url) is not None:
        from . import reader

        app.register_blueprint(reader.bp)
