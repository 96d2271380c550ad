"""Full text comes and goes with its migration, and finds what was written before it came."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from marketplace.core import migrations


def test_full_text_up_down_up_on_a_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shop.db"
    migrations.upgrade(url, "0001")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into search_documents (listing_id, title, attributes, body) values (1, 'dome ring', '', '')"
        )
    for _ in range(2):
        migrations.upgrade(url, "0002")
        with engine.connect() as connection:
            found = connection.exec_driver_sql("select rowid from search_fts where search_fts match 'dome'").all()
            assert found == [(1,)]
        migrations.downgrade(url, "0001")
    with engine.connect() as connection:
        names = connection.exec_driver_sql("select name from sqlite_master where name like 'search_fts%'").all()
    assert names == []
