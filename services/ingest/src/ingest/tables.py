"""Tables of ingest."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from shared.db.tables import bookmarks_table, new_metadata

metadata = new_metadata()
_BIG_ID = BigInteger().with_variant(Integer, "sqlite")

feeds = Table(
    "feeds",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("owner", String(200), nullable=False),
    Column("types", Text, nullable=False),  # space separated
    Column("cadence_s", Float, nullable=False),
    Column("rate_per_s", Float, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
)

feed_keys = Table(
    "feed_keys",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("feed", String(64), ForeignKey("feeds.id"), nullable=False, index=True),
    Column("prefix", String(20), nullable=False),
    Column("mac", String(64), nullable=False),  # HMAC-SHA-256 of the key, see domain/keys.py
    Column("types", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
)

feed_books = Table(
    "feed_books",
    metadata,
    Column("feed", String(64), primary_key=True),
    Column("accepted", BigInteger, nullable=False),
    Column("duplicate", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("last_event", String(20)),
    Column("last_received", DateTime(timezone=True)),
)

feed_days = Table(
    "feed_days",
    metadata,
    Column("feed", String(64), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("received", BigInteger, nullable=False),
)

seen_rounds = Table(  # one row a round: the digests of (source, id) accepted in it, packed
    "seen_rounds",
    metadata,
    Column("id", _BIG_ID, primary_key=True, autoincrement=True),
    Column("received_on", Date, nullable=False, index=True),
    Column("digests", LargeBinary, nullable=False),
)

tick_clock = Table(
    "tick_clock",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("started", String(20)),
    Column("last_tick", String(20)),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column(
        "position",
        _BIG_ID,
        primary_key=True,
        autoincrement=True,
    ),
    Column("id", String(80), nullable=False, unique=True),
    Column("feed", String(64), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("field", Text),
    Column("at", String(40), nullable=False),
    Column("origin", Text),
    Column("payload", Text, nullable=False),  # sealed under the dead-letter key
    Column("key_id", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("redrives", Integer, nullable=False),
    Column("last_redrive_at", DateTime(timezone=True)),
    Column("traceparent", String(55)),
    Index("ix_dead_letters_feed_position", "feed", "position"),
)

bookmarks = bookmarks_table(metadata)
