"""Style sheets, scripts and icons under an address that names their content, so that they may be kept for a year."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from flask import Flask, send_from_directory, url_for
from werkzeug.wrappers import Response

from .audience import Audience, audience

mimetypes.add_type("text/javascript", ".js")
YEAR = 365 * 24 * 3600


def tree_hash(folder: Path) -> str:
    """One hash of the whole folder: modules and sheets may then name each other by relative addresses."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def init_app(app: Flask, folder: Path) -> None:
    fixed = tree_hash(folder)
    app.config["ASSETS_VERSION"] = fixed

    def current_version() -> str:
        return tree_hash(folder) if app.debug else fixed

    @audience(Audience.PUBLIC)
    def static(version: str, filename: str) -> Response:
        response = send_from_directory(folder, filename, max_age=YEAR, etag=True)  # 404 for what is not there
        is_current = version == current_version()
        # Under another version's name (asked for too early, or too late) no cache may keep these bytes.
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if is_current else "no-cache"
        return response

    kept: dict[str, str] = {}

    def asset(name: str) -> str:
        if app.debug:
            return url_for("static", version=current_version(), filename=name)
        return kept.get(name) or kept.setdefault(name, url_for("static", version=fixed, filename=name))

    app.add_url_rule("/static/<version>/<path:filename>", "static", static)
    app.jinja_env.globals["asset"] = asset
