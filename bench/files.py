"""How long a file of 5,000 pieces takes the worker: looked through, written, and every live piece changed at once.

python -m bench.files; BENCH_DATABASE_URL names the server. Promised within 30 seconds each; a benchmark prints, it does
not fail.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import sqlalchemy as sa

from marketplace import create_app
from marketplace.accounts.models import User
from marketplace.catalog import publication
from marketplace.catalog.categories import load_taxonomy
from marketplace.catalog.models import Import, Listing, ListingState, ListingVersion, VersionStatus
from marketplace.catalog.queries import sheet
from marketplace.catalog.services import imports
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.spreadsheets import line
from marketplace.workshops.models import Member, MemberRole, Workshop

from .__main__ import FOLDER, command, environment, fresh_postgres, postgres
from .money import empty

ROWS = 5_000
PROMISE = 30.0


def timed(name: str, act: Callable[[], str]) -> None:
    began = time.perf_counter()
    told = act()
    took = time.perf_counter() - began
    print(
        f"  {name:<44}{took:>7.2f} s   {'within' if took <= PROMISE else 'OVER'} {PROMISE:.0f} s   {told}", flush=True
    )


def new_pieces() -> bytes:
    rows = [["Name, English", "Kind", "Metal", "Fineness", "Weight, grams", "Techniques", "Price, rupiah", "Stock"]]
    rows += [
        [f"Ring {n}", "rings", "silver", "925", "6.8", "granulation", str(500_000 + n * 1000), "3"] for n in range(ROWS)
    ]
    return "".join(line(row) for row in rows).encode()


def changed(data: bytes) -> bytes:
    """Another name, price and stock for every piece."""
    text = data.decode("utf-8-sig")
    return text.replace(",Ring ", ",Band ").replace("000,3,3,", "500,5,3,").encode()


def through(workshop_id: int, data: bytes, what: str) -> None:
    ident = imports.receive(workshop_id, 1, "pieces.csv", data, "en")
    timed(f"{what}: looked through", lambda: _run(imports.check, ident))
    imports.approve(ident, workshop_id, by=1)
    timed(f"{what}: written", lambda: _run(imports.apply, ident))


def _run(job: Callable[[int], None], ident: int) -> str:
    job(ident)
    row = db.session.get_one(Import, ident, populate_existing=True)
    assert not row.errors, row.errors[:3]
    return f"{row.new_count:,} new, {row.changed_count:,} changed"


def publish() -> str:
    """All drafts on sale, without the reviewer."""
    db.session.execute(sa.update(ListingVersion).values(status=VersionStatus.APPROVED, approved_at=clock.now()))
    newest = sa.select(sa.func.max(ListingVersion.id)).where(ListingVersion.listing_id == Listing.id).scalar_subquery()
    values = {"approved_version_id": newest, "state": ListingState.LIVE, "published_at": clock.now()}
    db.session.execute(sa.update(Listing).values(values).execution_options(synchronize_session=False))
    db.session.commit()
    publication.refresh(db.session.scalars(sa.select(Listing.id)).all())
    return ""


def measure(url: str, name: str) -> None:
    env = environment(url, name)
    command(env, "db", "upgrade")
    os.environ.update({key: env[key] for key in ("APP_ENV", "DATABASE_URL", "INSTANCE_DIR", "MEDIA_URL", "LOG_LEVEL")})
    app = create_app()
    app.extensions["run_job"] = lambda *_args: None  # the worker's part is called here
    with app.app_context():
        load_taxonomy()
        workshop_id = _workshop()
        print(f"\n{name}: a file of {ROWS:,} pieces", flush=True)
        through(workshop_id, new_pieces(), "new pieces")
        timed("all of them put on sale", publish)
        data = "".join(sheet.table(workshop_id)).encode()
        timed("downloaded", lambda: f"{len(''.join(sheet.table(workshop_id))):,} characters")
        through(workshop_id, changed(data), "name, price and stock of every piece")
        db.session.remove()
        db.engine.dispose()


def _workshop() -> int:
    at = clock.now()
    db.session.add(User(id=1, email="luh@example.test", full_name="Luh", language="en", created_at=at))
    workshop = Workshop(name="Luh", slug="luh", initials="L", approved_at=at, created_at=at)
    db.session.add(workshop)
    db.session.flush()
    db.session.add(Member(workshop_id=workshop.id, user_id=1, role=MemberRole.OWNER, created_at=at))
    db.session.commit()
    return workshop.id


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm"):
        (FOLDER / f"files.db{suffix}").unlink(missing_ok=True)
    measure(f"sqlite:///{FOLDER / 'files.db'}", "SQLite")
    server = postgres()
    if server is None:
        print("\nPostgreSQL was not reached and left out; BENCH_DATABASE_URL names one.")
        return
    url = fresh_postgres(server, "celuk_bench_files")
    empty(url)
    measure(url, "PostgreSQL")


if __name__ == "__main__":
    main()
