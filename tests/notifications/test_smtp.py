"""Mail over SMTP, against a server on this machine that speaks the protocol."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Config
from marketplace import create_app
from marketplace.notifications.transport import Letter, deliver, settings


class Post(socketserver.StreamRequestHandler):
    """Takes letters and keeps them; says no to the address no@example.com."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line.strip().upper()
            if word.startswith(b"DATA"):
                self._take()
            elif word.startswith(b"RCPT") and b"NO@EXAMPLE.COM" in word:
                self.wfile.write(b"550 nobody here\r\n")
            elif word.startswith(b"QUIT"):
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 fine\r\n")

    def _take(self) -> None:
        self.wfile.write(b"354 go on\r\n")
        letter = b""
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            letter += line
        self.server.letters.append(letter)  # type: ignore[attr-defined]
        self.wfile.write(b"250 taken\r\n")


@pytest.fixture
def post() -> Iterator[socketserver.ThreadingTCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post) as server:
        server.letters = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def shop(tmp_path: Path, mail_url: str) -> Config:
    return Config(
        app_env="testing",
        secret_key="s" * 40,
        site_url="https://shop.example",
        instance_dir=tmp_path,
        database_url="sqlite://",
        media_url=f"file://{tmp_path}/media",
        mail_url=mail_url,
    )


def test_a_letter_is_handed_over(post: socketserver.ThreadingTCPServer, tmp_path: Path) -> None:
    app = create_app(shop(tmp_path, f"smtp://127.0.0.1:{post.server_address[1]}"))
    with app.app_context():
        deliver(Letter("a:1", "account_closed", "maya@example.com", "en", {}))
    [letter] = post.letters  # type: ignore[attr-defined]
    assert b"To: maya@example.com" in letter
    assert b"multipart/alternative" in letter
    assert b"@shop.example>" in letter


def test_what_the_server_refuses_is_an_error_for_the_outbox(
    post: socketserver.ThreadingTCPServer, tmp_path: Path
) -> None:
    app = create_app(shop(tmp_path, f"smtp://127.0.0.1:{post.server_address[1]}"))
    with app.app_context(), pytest.raises(Exception, match="nobody here"):
        deliver(Letter("a:1", "account_closed", "no@example.com", "en", {}))


def test_the_address_says_how(tmp_path: Path) -> None:
    found = settings(shop(tmp_path, "smtp://me:p%40ss@mail.example?tls=1"))
    assert (found["MAIL_SERVER"], found["MAIL_PORT"], found["MAIL_USE_TLS"]) == ("mail.example", 587, True)
    assert (found["MAIL_USERNAME"], found["MAIL_PASSWORD"]) == ("me", "p@ss")
    found = settings(shop(tmp_path, "smtps://mail.example"))
    assert (found["MAIL_PORT"], found["MAIL_USE_SSL"], found["MAIL_USE_TLS"]) == (465, True, False)
