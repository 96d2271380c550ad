"""`make run` and `make serve`: prepare the database, then serve web and worker together until Ctrl-C.

The server is granian: it reads and writes for slow visitors in native threads, so that half-open requests never hold
a Python worker. A worker process beside it does what may wait.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from config import ROOT, Config, ConfigError

SIGN_INS = ("buyer", "buyer2", "artisan", "artisan2", "admin", "bendahara")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m marketplace.serve", description=__doc__)
    parser.add_argument("--processes", type=int, default=1, help="web processes (default 1)")
    parser.add_argument(
        "--no-worker", action="store_true", help="web only; run `python -m marketplace.worker` elsewhere"
    )
    options = parser.parse_args()
    try:
        config = Config.from_env()
    except ConfigError as error:
        sys.exit(str(error))
    _need_port(config.host, config.port)
    _prepare(config)
    _announce(config)
    _serve(config, options.processes, worker=not options.no_worker)


def _need_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(f"Port {port} on {host} cannot be used ({error.strerror}). Stop what runs there, or set PORT.")


def _prepare(config: Config) -> None:
    """Migrate when the code is newer than the tables; fill a new development database with the demo shop."""
    from marketplace.core import migrations

    config.instance_dir.mkdir(parents=True, exist_ok=True)  # a new database is a file in it
    try:
        before = migrations.current_revision(config.database_url)
    except Exception as error:
        sys.exit(f"The database does not answer: {str(error).splitlines()[0]}")
    if before != migrations.newest_revision():
        print("Preparing the database …", flush=True)
        migrations.upgrade(config.database_url)
    tables = ("users", "categories")  # an admin may be made before the first start
    is_empty = not all(migrations.has_rows(config.database_url, table) for table in tables)
    if before != migrations.newest_revision() or is_empty:
        _fill(config)


def _fill(config: Config) -> None:
    """What every shop needs (categories, postage); in development the demo shop besides. Safe to run again."""
    import marketplace.seed.demo as demo
    import marketplace.seed.reference as reference
    from marketplace import create_app

    app = create_app(config)
    with app.app_context():
        reference.load()
        if config.app_env == "development" and not demo.is_there():
            print("Filling the demo shop: 10 workshops, 48 pieces, their photos …", flush=True)
            demo.fill()


def _announce(config: Config) -> None:
    shown = f"http://{config.host}:{config.port}"
    print(f"\n  Perak Celuk is open at {shown}   (Bahasa Indonesia: {shown}/id/)")
    if config.app_env == "development":
        print("  Sign in as " + ", ".join(f"{name}@demo.test" for name in SIGN_INS))
        print(f"  with the password {'-'.join(('celuk', 'demo', '1915'))}. Mails: {shown}/dev/mail")
    print("  Stop with Ctrl-C.\n", flush=True)


def _serve(config: Config, processes: int, *, worker: bool) -> None:
    bin_dir = os.path.dirname(sys.executable)
    commands = [_web_command(config, bin_dir, processes)]
    if worker:
        commands.append([sys.executable, "-m", "marketplace.worker"])
    children = [subprocess.Popen(command, cwd=ROOT) for command in commands]  # noqa: S603

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for child in children:
            child.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    sys.exit(_wait(children))


def _web_command(config: Config, bin_dir: str, processes: int) -> list[str]:
    # A thread waits while a body drips in, and costs nothing meanwhile: dozens of slow senders must leave some over.
    return [
        os.path.join(bin_dir, "granian"),
        *("--interface", "wsgi", "--host", config.host, "--port", str(config.port)),
        *("--workers", str(processes), "--blocking-threads", "64", "--backlog", "512"),
        *("--respawn-failed-workers", "--no-ws", "--log-level", "warning", "wsgi:app"),
    ]


def _wait(children: Sequence[subprocess.Popen[bytes]]) -> int:
    """Until one of them ends; the others then end too."""
    while all(child.poll() is None for child in children):
        time.sleep(0.2)
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
    return max(abs(child.returncode or 0) for child in children) if children[0].returncode not in (0, -2, -15) else 0


if __name__ == "__main__":
    main()
