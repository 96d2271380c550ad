"""How long money takes in a month of 10,000 orders: a statement, a payout run of everybody, the check of the books.

python -m bench.money; BENCH_ORDERS=1000 makes it shorter, BENCH_DATABASE_URL names the server. Each is promised within
3 seconds; a benchmark prints, it does not fail.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from marketplace import create_app
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.ledger import queries as ledger
from marketplace.payouts import queries as payout_queries
from marketplace.payouts import services as payouts
from marketplace.payouts.check import check

from . import month
from .__main__ import FOLDER, command, environment, fresh_postgres, postgres

ORDERS = int(os.environ.get("BENCH_ORDERS", "10000"))
PROMISE = 3.0
NOW = datetime(2026, 12, 1, 9, tzinfo=clock.BALI)


def empty(url: str) -> None:
    """Our own database only: its name says so."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        connection.execute(sa.text("drop schema public cascade"))
        connection.execute(sa.text("create schema public"))
    engine.dispose()


def timed(name: str, act: Callable[[], str]) -> None:
    began = time.perf_counter()
    told = act()
    took = time.perf_counter() - began
    print(
        f"  {name:<34}{took:>7.2f} s   {'within' if took <= PROMISE else 'OVER'} {PROMISE:.0f} s   {told}", flush=True
    )


def statement() -> str:
    largest = db.session.scalars(
        sa.text(
            "select workshop_id from seller_orders group by workshop_id order by count(*) desc, workshop_id limit 1"
        )
    ).one()
    found = payout_queries.statement(largest, 2026, 11)
    assert found is not None
    assert found.closing == found.rows[-1].balance
    return f"{len(found.rows):,} rows"


def run_of_everybody() -> str:
    """From what is open to a file's payouts that have all left the bank, by three people."""
    everybody = [row.workshop_id for row in payouts.due(livemode=True)]
    run_id = payouts.prepare_run(everybody, 1, livemode=True)
    payouts.approve_run(run_id, 2)
    sent = payouts.send_run(run_id, 3)
    paid = payouts.mark_run_paid(run_id, "BNI-1", 1)
    assert sent == paid
    lines = db.session.scalar(
        sa.text(f"select count(*) from payout_lines l join payouts p on p.id = l.payout_id where p.run_id = {run_id}")
    )
    return f"{paid:,} payouts, {lines:,} lines"


def books() -> str:
    breaches = check()
    assert not breaches, breaches
    return f"{ledger.entry_count():,} entries, no breach"


def measure(url: str, name: str) -> None:
    env = environment(url, name)
    command(env, "db", "upgrade")
    os.environ.update({key: env[key] for key in ("APP_ENV", "DATABASE_URL", "INSTANCE_DIR", "MEDIA_URL", "LOG_LEVEL")})
    app = create_app()
    app.extensions["run_job"] = lambda *_args: None  # mails are the worker's
    with app.app_context(), clock.stopped(NOW):
        counts = month.write(ORDERS)
        print(f"\n{name}: a month of {ORDERS:,} orders", flush=True)
        print("  " + ", ".join(f"{count:,} {table}" for table, count in counts.items() if count > month.WORKSHOPS))
        timed("statement of the largest workshop", statement)
        timed("payout run of all workshops", run_of_everybody)
        timed("check of the books", books)
        db.session.remove()
        db.engine.dispose()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / "money.db"
    for suffix in ("", "-wal", "-shm"):
        (FOLDER / f"money.db{suffix}").unlink(missing_ok=True)
    measure(f"sqlite:///{file}", "SQLite")
    server = postgres()
    if server is None:
        print("\nPostgreSQL was not reached and left out; BENCH_DATABASE_URL names one.")
        return
    url = fresh_postgres(server, "celuk_bench_money")
    empty(url)
    measure(url, "PostgreSQL")


if __name__ == "__main__":
    main()
