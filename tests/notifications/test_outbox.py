"""A mail is a row of its transaction, sent afterwards, once (security.md 14, 16, 36)."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.i18n import gettext, speaking
from marketplace.core.tasks import sweep
from marketplace.notifications import services, transport
from marketplace.notifications.models import Mail, MailStatus
from marketplace.notifications.services import MAX_TRIES, queue_mail
from tests.helpers import mails


def tell(key: str = "hello:1", to: str = "maya@example.com", language: str = "en") -> None:
    queue_mail("account_closed", to=to, language=language, key=key, context={})


def row(key: str = "hello:1") -> Mail:
    db.session.expire_all()
    return db.session.scalars(sa.select(Mail).where(Mail.key == key)).one()


class Away:
    """The way out is closed until `open` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open, self.tries, real = False, 0, transport.deliver

        def deliver(letter: transport.Letter) -> None:
            self.tries += 1
            if not self.open:
                raise ConnectionRefusedError("smtp away\r\nX: y")
            real(letter)

        monkeypatch.setattr(services, "deliver", deliver)


def test_a_mail_goes_out_after_the_commit(app: Flask) -> None:
    with transaction():
        tell()
        assert mails() == []
    [mail] = mails()
    assert mail.to == "maya@example.com"
    assert "closed" in mail.text
    assert "<h1>Your account is closed</h1>" in mail.html
    assert row().status is MailStatus.SENT
    assert row().sent_at is not None


def test_what_is_rolled_back_is_not_told(app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction():
        tell()
        raise RuntimeError
    sweep()
    assert mails() == []


def test_the_same_news_is_told_once(app: Flask) -> None:
    for _ in range(3):
        tell("order_paid:17")
    sweep()
    assert len(mails()) == 1


def test_brand_and_words_follow_the_language(app: Flask) -> None:
    tell("a:1", language="id")
    [mail] = mails()
    assert '<html lang="id"' in mail.html
    with speaking("id"):
        assert str(gettext("Celuk Silver")) in mail.text
        assert str(gettext("Your account is closed")) == mail.subject


def test_a_closed_way_out_is_tried_again_later_and_later(
    app: Flask, monkeypatch: pytest.MonkeyPatch, stopped_clock: Any
) -> None:
    away = Away(monkeypatch)
    tell()
    assert (row().status, row().tries) == (MailStatus.QUEUED, 1)
    assert row().error == "ConnectionRefusedError: smtp away X: y"
    sweep()
    assert away.tries == 1, "not before its time"
    waits = []
    for _ in range(MAX_TRIES - 1):
        waits.append(row().next_try_at - clock.now())
        stopped_clock.moment = row().next_try_at
        sweep()
    assert waits == [timedelta(minutes=2**n) for n in range(7)]
    assert (row().status, away.tries) == (MailStatus.FAILED, MAX_TRIES)
    stopped_clock.forward(days=2)
    sweep()
    assert away.tries == MAX_TRIES


def test_it_arrives_once_the_way_is_open(app: Flask, monkeypatch: pytest.MonkeyPatch, stopped_clock: Any) -> None:
    away = Away(monkeypatch)
    tell()
    away.open = True
    stopped_clock.forward(minutes=1)
    assert sweep()["mails"] == 1
    assert sweep()["mails"] == 0
    assert len(mails()) == 1
    assert row().status is MailStatus.SENT


def test_a_lost_task_is_found_by_the_sweep(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "enqueue", lambda *_: None)
    tell()
    assert mails() == []
    assert sweep()["mails"] == 1
    assert len(mails()) == 1


def test_a_process_that_died_while_sending(app: Flask, monkeypatch: pytest.MonkeyPatch, stopped_clock: Any) -> None:
    """It may arrive twice, with one Message-ID; never by a second worker while the first is alive."""
    real = transport.deliver

    def dies(letter: transport.Letter) -> None:
        real(letter)
        raise KeyboardInterrupt

    monkeypatch.setattr(services, "enqueue", lambda *_: None)
    tell()
    monkeypatch.setattr(services, "deliver", dies)
    with pytest.raises(KeyboardInterrupt):
        services.send(row().id)
    monkeypatch.setattr(services, "deliver", real)
    assert row().status is MailStatus.SENDING
    stopped_clock.forward(minutes=9)
    assert sweep()["mails"] == 0
    stopped_clock.forward(minutes=2)
    assert sweep()["mails"] == 1
    first, second = mails()
    assert first.message_id == second.message_id
    assert sweep()["mails"] == 0


def test_a_closed_way_out_does_not_hold_up_the_sweep(
    app: Flask, monkeypatch: pytest.MonkeyPatch, stopped_clock: Any
) -> None:
    monkeypatch.setattr(services, "enqueue", lambda *_: None)
    away = Away(monkeypatch)
    for n in range(20):
        tell(f"news:{n}")
    sweep()
    assert away.tries == 3
    away.open = True
    stopped_clock.forward(minutes=1)
    assert sweep()["mails"] == 20


@pytest.mark.races
def test_two_workers_send_one_mail_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "enqueue", lambda *_: None)
    for n in range(5):
        tell(f"news:{n}")
    gate = threading.Barrier(6)

    def work() -> None:
        with app.app_context():
            gate.wait()
            services.send_waiting()
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mails()) == 5


def test_no_line_break_reaches_a_header_and_no_path_a_file_name(app: Flask, tmp_path: Path) -> None:
    tell("../../etc/passwd\r\n:1", to="maya@example.com\r\nBcc: all@example.com")
    folder = transport.mail_folder()
    assert folder is not None
    [path] = folder.iterdir()
    assert path.parent == folder
    assert path.suffix == ".eml"
    assert ".." not in path.name
    assert "\n" not in path.name
    head = path.read_bytes().split(b"\n\n")[0]
    assert b"\nBcc" not in head


def test_the_reader_of_development_shows_what_was_written(client: FlaskClient) -> None:
    tell()
    assert "Your account is closed" in client.get("/dev/mail/").text
    folder = transport.mail_folder()
    assert folder is not None
    name = next(folder.iterdir()).name
    page = client.get(f"/dev/mail/{name}")
    assert "It is closed" in page.text
    assert '<a href="http://127.0.0.1:5000">' in page.text
    html = client.get(f"/dev/mail/{name}/html")
    policy = html.headers["Content-Security-Policy"]
    assert "sha256-" in policy
    assert "unsafe" not in policy
    for bad in ("..%2f..%2fshop.db", "x.eml", ".hidden.eml", "20260101T000000-a.txt"):
        assert client.get(f"/dev/mail/{bad}").status_code == 404


def test_production_has_no_reader() -> None:
    import dataclasses
    import tempfile

    from config import Config
    from marketplace import create_app

    with tempfile.TemporaryDirectory() as folder:
        production = Config(
            app_env="production",
            secret_key="s" * 40,
            site_url="http://127.0.0.1:5000",
            instance_dir=Path(folder),
            database_url="sqlite://",
            media_url=f"file://{folder}/media",
            mail_url=f"file://{folder}/mail",
        )
        assert not any(rule.rule.startswith("/dev/") for rule in create_app(production).url_map.iter_rules())
        assert any(
            rule.rule.startswith("/dev/mail")
            for rule in create_app(dataclasses.replace(production, app_env="development")).url_map.iter_rules()
        )
