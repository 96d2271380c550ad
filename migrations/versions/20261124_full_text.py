"""Full text over search_documents, in the way of each engine

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_COLUMNS = "title, attributes, body"
_NEW = "new.listing_id, new.title, new.attributes, new.body"
_OLD = "'delete', old.listing_id, old.title, old.attributes, old.body"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _upgrade_sqlite()
    else:
        _upgrade_postgres()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("insert", "delete", "update"):
            op.execute(f"drop trigger search_fts_{trigger}")
        op.execute("drop table search_fts")
    else:
        op.drop_index("ix_search_fts", "search_documents")
        op.drop_column("search_documents", "search_fts")


def _upgrade_sqlite() -> None:
    """The index holds no words of its own: they stay in search_documents, and triggers tell it of every change."""
    op.execute(
        "create virtual table search_fts using fts5("
        f"{_COLUMNS}, content='search_documents', content_rowid='listing_id', "
        "tokenize='unicode61', prefix='2 3 4')"
    )
    forget = f"insert into search_fts (search_fts, rowid, {_COLUMNS}) values ({_OLD});"
    add = f"insert into search_fts (rowid, {_COLUMNS}) values ({_NEW});"
    for trigger, act in (("insert", add), ("delete", forget), ("update", forget + add)):
        op.execute(f"create trigger search_fts_{trigger} after {trigger} on search_documents begin {act} end")
    op.execute("insert into search_fts (search_fts) values ('rebuild')")


def _upgrade_postgres() -> None:
    """'simple' neither stems nor drops words: Indonesian and English stand in one document."""
    weighted = " || ".join(
        f"setweight(to_tsvector('simple', {column}), '{weight}')"
        for column, weight in (("title", "A"), ("attributes", "B"), ("body", "D"))
    )
    op.execute(f"alter table search_documents add column search_fts tsvector generated always as ({weighted}) stored")
    op.execute("create index ix_search_fts on search_documents using gin (search_fts) with (fastupdate = off)")
