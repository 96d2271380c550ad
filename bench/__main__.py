"""Requests a second and p95 of the public pages beside an empty view, under the production server.

Per engine (SQLite; PostgreSQL when BENCH_DATABASE_URL or a local server is there) and size (48 and 100,000 listings):
each page rendered for the request, and asked again with its ETag (304), then both from the page cache. One web process,
four connections, the load in a process of its own. BENCH_SIZES=48,1000 and BENCH_SECONDS=3 make it shorter. Databases
are kept in instance/bench.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import sqlalchemy as sa

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "instance" / "bench"
HOST, PORT = "127.0.0.1", int(os.environ.get("BENCH_PORT", "5990"))
SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "48,100000").split(",")]
SECONDS = os.environ.get("BENCH_SECONDS", "4")
PAGES = {"home": "/", "category": "/c/rings", "listing": "", "workshop": "/w/luh-selaka"}


def environment(url: str, name: str) -> dict[str, str]:
    return {
        **os.environ,
        "APP_ENV": "development",
        "DATABASE_URL": url,
        "INSTANCE_DIR": str(FOLDER / name),
        "MEDIA_URL": f"file://{FOLDER / 'media'}",
        "PORT": str(PORT),
        "HOST": HOST,
        "SITE_URL": f"http://{HOST}:{PORT}",
        "PAGE_CACHE": "0",
        "LOG_LEVEL": "WARNING",
    }


def command(env: dict[str, str], *words: str) -> None:
    subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", *words], cwd=ROOT, env=env, check=True)


def prepare(env: dict[str, str], size: int) -> None:
    """Migrate and fill once; a database that has its listings already is used as it is."""
    command(env, "db", "upgrade")
    command(env, "seed", "demo")
    if size > 48:
        command(env, "seed", "catalogue", "--listings", str(size - 48))


def postgres() -> str | None:
    """A database of our own beside the one named, dropped and made anew; None without a server."""
    given = os.environ.get("BENCH_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
    url = sa.make_url(given.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        with sa.create_engine(url, isolation_level="AUTOCOMMIT").connect():
            return given
    except sa.exc.OperationalError:
        return None


def fresh_postgres(given: str, name: str) -> str:
    url = sa.make_url(given.replace("postgresql://", "postgresql+psycopg://", 1))
    with sa.create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        if not connection.scalar(sa.text("select 1 from pg_database where datname = :name"), {"name": name}):
            connection.execute(sa.text(f'create database "{name}"'))
    return url.set(database=name, drivername="postgresql").render_as_string(hide_password=False)


def get(path: str) -> tuple[int, str, int]:
    connection = http.client.HTTPConnection(HOST, PORT, timeout=20)
    connection.request("GET", path, headers={"Accept-Encoding": "br"})
    answer = connection.getresponse()
    body = answer.read()
    return answer.status, answer.getheader("ETag") or "", len(body)


def listing_address(url: str) -> str:
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        row = connection.execute(sa.text("select id, slug from listings where sku = 'CS-001'")).one()
    return f"/p/{row.id}-{row.slug}"


def cpu_ticks(parent: int) -> int:
    """User and system ticks of the server's processes so far."""
    children = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True).stdout.split()
    total = 0
    for pid in [str(parent), *children]:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total


def measure(server: int, path: str, etag: str = "") -> dict[str, float]:
    load = [sys.executable, "-m", "bench.load", HOST, str(PORT), path]
    subprocess.run([*load, "1", "4", etag], cwd=ROOT, capture_output=True, check=True)
    before = cpu_ticks(server)
    told = subprocess.run([*load, SECONDS, "4", etag], cwd=ROOT, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(told.stdout)
    spent = (cpu_ticks(server) - before) / os.sysconf("SC_CLK_TCK")
    return {**figures, "cpu": spent * 1000 / max(figures["rps"] * float(SECONDS), 1)}


def serve(env: dict[str, str]) -> subprocess.Popen[bytes]:
    granian = os.path.join(os.path.dirname(sys.executable), "granian")
    words = ["--interface", "wsgi", "--host", HOST, "--port", str(PORT), "--workers", "1", "--blocking-threads", "64"]
    server = subprocess.Popen([granian, *words, "--no-ws", "--log-level", "error", "bench.shop:app"], cwd=ROOT, env=env)
    for _ in range(100):
        try:
            if get("/healthz")[0] == 200:
                return server
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def line(name: str, figures: dict[str, float], control: float, size: str = "") -> None:
    wrong = f"  {figures['wrong']:.0f} WRONG" if figures["wrong"] else ""
    print(
        f"  {name:<20}{figures['rps']:>8.0f}/s {figures['rps'] / control:>6.2f} x E   "
        f"p50 {figures['p50']:>6.2f}  p95 {figures['p95']:>6.2f}  p99 {figures['p99']:>6.2f} ms   "
        f"{figures['cpu']:>5.2f} ms CPU {size}{wrong}",
        flush=True,
    )


def round_of(url: str, name: str, size: int) -> None:
    env = environment(url, name)
    prepare(env, size)
    pages = {**PAGES, "listing": listing_address(url)}
    server = serve(env)
    try:
        print(f"\n{name}: {size:,} listings, one process of granian, 4 connections", flush=True)
        control = measure(server.pid, "/bench/empty")
        line("E empty view", control, control["rps"])
        for page, path in pages.items():
            status, etag, length = get(path)
            if status != 200:
                raise SystemExit(f"{path} answered {status}")
            line(page, measure(server.pid, path), control["rps"], f"{length / 1000:.1f} KB")
            line(f"{page}, 304", measure(server.pid, path, etag), control["rps"])
    finally:
        server.terminate()
        server.wait()
    kept_pages({**env, "PAGE_CACHE": "64"}, pages)


def kept_pages(env: dict[str, str], pages: dict[str, str]) -> None:
    """The same pages from the store in front of the application, beside an empty view behind it."""
    server = serve(env)
    try:
        control = measure(server.pid, "/bench/empty")
        line("E, page cache on", control, control["rps"])
        for page, path in pages.items():
            get(path)  # the first is rendered
            _status, etag, length = get(path)
            line(f"{page}, kept", measure(server.pid, path), control["rps"], f"{length / 1000:.1f} KB brotli")
            line(f"{page}, kept, 304", measure(server.pid, path, etag), control["rps"])
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    server = postgres()
    for size in SIZES:
        round_of(f"sqlite:///{FOLDER / f'shop-{size}.db'}", f"SQLite-{size}", size)
        if server:
            round_of(fresh_postgres(server, f"celuk_bench_{size}"), f"PostgreSQL-{size}", size)
    if not server:
        print("\nPostgreSQL was not reached and left out; BENCH_DATABASE_URL names one.")


if __name__ == "__main__":
    main()
