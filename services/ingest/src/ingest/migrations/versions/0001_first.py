"""Feeds, keys, books, ids seen, the tick clock, dead letters, stream positions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("types", sa.Text, nullable=False),
        sa.Column("cadence_s", sa.Float, nullable=False),
        sa.Column("rate_per_s", sa.Float, nullable=False),
        sa.Column("registered_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
    )
    op.create_table(
        "feed_keys",
        sa.Column("id", sa.String(12), nullable=False),
        sa.Column("feed", sa.String(64), nullable=False),
        sa.Column("prefix", sa.String(20), nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.Column("types", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT),
        sa.Column("last_used_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_feed_keys"),
        sa.ForeignKeyConstraint(["feed"], ["feeds.id"], name="fk_feed_keys_feed_feeds"),
    )
    op.create_index("ix_feed_keys_feed", "feed_keys", ["feed"])
    op.create_table(
        "feed_books",
        sa.Column("feed", sa.String(64), nullable=False),
        sa.Column("accepted", sa.BigInteger, nullable=False),
        sa.Column("duplicate", sa.BigInteger, nullable=False),
        sa.Column("rejected", sa.BigInteger, nullable=False),
        sa.Column("last_event", sa.String(20)),
        sa.Column("last_received", _MOMENT),
        sa.PrimaryKeyConstraint("feed", name="pk_feed_books"),
    )
    op.create_table(
        "feed_days",
        sa.Column("feed", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("feed", "day", name="pk_feed_days"),
    )
    op.create_table(
        "seen_rounds",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("digests", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seen_rounds"),
    )
    op.create_index("ix_seen_rounds_received_on", "seen_rounds", ["received_on"])
    op.create_table(
        "tick_clock",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("started", sa.String(20)),
        sa.Column("last_tick", sa.String(20)),
        sa.PrimaryKeyConstraint("name", name="pk_tick_clock"),
    )
    op.create_table(
        "dead_letters",
        sa.Column("position", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("feed", sa.String(64), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("field", sa.Text),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("origin", sa.Text),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("redrives", sa.Integer, nullable=False),
        sa.Column("last_redrive_at", _MOMENT),
        sa.PrimaryKeyConstraint("position", name="pk_dead_letters"),
        sa.UniqueConstraint("id", name="uq_dead_letters_id"),
    )
    op.create_index("ix_dead_letters_feed_position", "dead_letters", ["feed", "position"])
    op.create_table(
        "stream_bookmarks",
        sa.Column("group_name", sa.String(120), nullable=False),
        sa.Column("topic", sa.String(120), nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("group_name", "topic", "partition", name="pk_stream_bookmarks"),
    )


def downgrade() -> None:
    for table in (
        "stream_bookmarks", "dead_letters", "tick_clock", "seen_rounds",
        "feed_days", "feed_books", "feed_keys", "feeds",
    ):  # fmt: skip
        op.drop_table(table)
