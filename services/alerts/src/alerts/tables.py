"""The tables of this service. Event times are text in UTC, wall-clock times epoch seconds."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from shared.db.tables import bookmarks_table, new_metadata

metadata = new_metadata()
bookmarks = bookmarks_table(metadata)
_SERIAL = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only as INTEGER

students = Table(
    "students",
    metadata,
    Column("student", String(120), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
)

memberships = Table(
    "memberships",
    metadata,
    Column("student", String(120), primary_key=True),
    Column("school", String(120), nullable=False),
    Column("college", String(120), nullable=False),
    Column("team", String(120), nullable=False),
    Column("is_enrolled", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)

feeds = Table(
    "feeds",
    metadata,
    Column("feed", String(120), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("at", String(40), nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("student", String(120), nullable=False),
    Column("school", String(120)),
    Column("college", String(120)),
    Column("team", String(120)),
    Column("level", String(16), nullable=False),
    Column("level_rank", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("reasons", Text, nullable=False),
    Column("opened_at", String(40), nullable=False),
    Column("updated_at", String(40), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("is_team_told", Boolean, nullable=False),
    Column("is_college_told", Boolean, nullable=False),
    Column("is_school_told", Boolean, nullable=False),
    Column("acknowledged_by", String(80), nullable=False),
    Column("verdict", String(24)),
    Column("red_clock_until", String(40)),
    Column("coverage", Double),
    Column("has_abstained", Boolean, nullable=False),
    Column("assessment", String(80)),
    Column("recorded_at", Double, nullable=False),
    Index(
        "uq_alerts_one_open",
        "student",
        unique=True,
        sqlite_where=text("status <> 'resolved'"),
        postgresql_where=text("status <> 'resolved'"),
    ),
    Index("ix_alerts_opened", "opened_at", "id"),
    Index("ix_alerts_college", "college", "status"),
    Index("ix_alerts_team", "team", "status"),
)

history = Table(
    "alert_history",
    metadata,
    Column("number", _SERIAL, primary_key=True, autoincrement=True),
    Column("event", String(80), nullable=False, unique=True),
    Column("alert", String(80), nullable=False),
    Column("student", String(120), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("at", String(40), nullable=False),
    Column("track", String(8), nullable=False),
    Column("effect", String(16), nullable=False),
    Column("track_level", String(16), nullable=False),
    Column("evidence", String(80), nullable=False),
    Column("assessment", String(80)),
    Column("tier", String(16)),
    Column("actor", String(120)),
    Column("verdict", String(24)),
    Column("recorded_at", Double, nullable=False),
    Column("traceparent", String(55)),
    Index("ix_alert_history_alert", "alert", "sequence"),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", _SERIAL, primary_key=True, autoincrement=True),
    Column("key", String(80), nullable=False),
    Column("lane", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("alert", String(80), nullable=False),
    Column("student", String(120), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("tier", String(16)),
    Column("level", String(16), nullable=False),
    Column("channel", String(16)),
    Column("person", String(120)),
    Column("address", Text),
    Column("body", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Double, nullable=False),
    Column("lease_until", Double),
    Column("owner", String(80)),
    Column("code", String(60)),
    Column("receipt", String(200)),
    Column("created_at", Double, nullable=False),
    Column("finished_at", Double),
    Column("traceparent", String(55)),
    UniqueConstraint("key"),
    Index(
        "ix_outbox_due",
        "lane",
        "priority",
        "number",
        sqlite_where=text("state IN ('pending', 'sending')"),
        postgresql_where=text("state IN ('pending', 'sending')"),
    ),
    Index("ix_outbox_alert", "alert"),
    sqlite_autoincrement=True,
)
