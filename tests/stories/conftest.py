"""The shop as people meet it: `python -m marketplace.serve` on a port of its own, and a real Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from config import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
PASSWORD = "celuk-demo-1915"


@dataclass
class LiveShop:
    url: str
    instance: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes]

    def flask(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return done.stdout

    @contextmanager
    def database(self) -> Iterator[sa.Connection]:
        """The shop's own rows, for what no page can do: move the clock, count the stock."""
        engine = sa.create_engine(_driver(self.env["DATABASE_URL"]), connect_args=self._patience())
        with engine.begin() as connection:
            yield connection
        engine.dispose()

    def _patience(self) -> dict[str, float]:
        return {"timeout": 20} if self.env["DATABASE_URL"].startswith("sqlite") else {}

    def mails(self) -> list[str]:
        """The .eml files so far, oldest first."""
        return [path.read_text(errors="replace") for path in sorted((self.instance / "mail").glob("*.eml"))]


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _services(instance: Path) -> dict[str, str]:
    """Files of its own; with TEST_DATABASE_URL a PostgreSQL database of its own and, with TEST_REDIS_URL, Redis."""
    given = os.environ.get("TEST_DATABASE_URL", "")
    if not given:
        return {"DATABASE_URL": f"sqlite:///{instance}/shop.db"}
    url = urlsplit(given)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"{url.path.strip('/').removesuffix('_test')}_{worker}_{instance.name}_test"
    admin = sa.create_engine(_driver(url._replace(path="/postgres").geturl()), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f'drop database if exists "{name}" with (force)'))
        connection.execute(sa.text(f'create database "{name}"'))
    admin.dispose()
    return {"DATABASE_URL": url._replace(path=f"/{name}").geturl(), "REDIS_URL": _own_queue(worker)}


def _own_queue(worker: str) -> str:
    """A Redis database of its own: a worker of another shop would take this one's jobs and find no rows for them."""
    given = os.environ.get("TEST_REDIS_URL", "")
    number = int(worker.removeprefix("gw")) if worker.startswith("gw") else 0
    return urlsplit(given)._replace(path=f"/{1 + number % 13}").geturl() if given else ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_shop(instance: Path, **more: str) -> LiveShop:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("STRIPE_", "TEST_"))},
        "APP_ENV": "development",
        "INSTANCE_DIR": str(instance),
        **_services(instance),
        "MEDIA_URL": f"file://{instance}/media",
        "MAIL_URL": f"file://{instance}/mail",
        "PORT": str(port),
        "SITE_URL": url,
        "SECRET_KEY": "a-secret-of-the-stories-that-is-long-enough",
        **more,
    }
    instance.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen([sys.executable, "-m", "marketplace.serve"], cwd=ROOT, env=env)
    for _ in range(4000):
        if process.poll() is not None:
            raise RuntimeError(f"the shop ended with {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return LiveShop(url, instance, env, process)
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the shop did not open")


def stop_shop(live: LiveShop) -> None:
    live.process.terminate()
    try:
        live.process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        live.process.kill()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    shop = start_shop(tmp_path_factory.mktemp("live"))
    yield shop
    stop_shop(shop)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def _opener(chromium: Any, live: LiveShop, contexts: list[Any]) -> Callable[..., Any]:
    def make(*, phone: bool = False, dark: bool = False, script: bool = True, size: Any = None) -> Any:
        context = chromium.new_context(
            base_url=live.url,
            viewport=size or (PHONE if phone else DESKTOP),
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            is_mobile=phone,
            has_touch=phone,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    return make


@pytest.fixture
def person(chromium: Any, live: LiveShop) -> Iterator[Callable[..., Any]]:
    """A page of a fresh visitor: person(), person(phone=True), person(dark=True), person(script=False)."""
    contexts: list[Any] = []
    yield _opener(chromium, live, contexts)
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def sale(chromium: Any, live: LiveShop) -> Iterator[Any]:
    """The whole sale, lived once; its pages are there for every story that comes after."""
    from .sale import live_it

    contexts: list[Any] = []
    yield live_it(live, _opener(chromium, live, contexts))
    for context in contexts:
        context.close()
