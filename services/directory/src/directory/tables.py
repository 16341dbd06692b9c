"""The tables of the directory. Sealed columns hold `key id.base64`, never plain text."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from shared.db.tables import new_metadata

metadata = new_metadata()
ID = String(80)
DAY = String(10)
MOMENT = String(20)
_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")

nodes = Table(
    "nodes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("parent", ID),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("source", String(40), nullable=False),
)
people = Table(
    "people",
    metadata,
    Column("id", ID, primary_key=True),
    Column("pseudonym", ID, index=True),
    Column("language", String(2), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("content_mac", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("webhook", Text, nullable=False),
)
assignments = Table(
    "assignments",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("person", ID, primary_key=True, index=True),
    Column("role", String(20), primary_key=True),
    Column("node", ID, primary_key=True, index=True),
    Column("valid_from", DAY, nullable=False),
    Column("valid_to", DAY, nullable=False),
    Column("is_primary", Boolean, nullable=False),
)
students = Table(
    "students",
    metadata,
    Column("pseudonym", ID, primary_key=True),
    Column("person", ID, nullable=False, index=True),
    Column("degree", String(10), nullable=False),
    Column("intake", Integer, nullable=False),
    Column("school", ID, nullable=False),
    Column("college", ID, nullable=False),
    Column("team", ID, nullable=False),
    Column("published", Text),
    Index("ix_students_college_pseudonym", "college", "pseudonym"),
    Index("ix_students_team_pseudonym", "team", "pseudonym"),
)
leaves = Table(
    "leaves",
    metadata,
    Column("id", ID, primary_key=True),
    Column("student", ID, nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("start", DAY, nullable=False),
    Column("end", DAY, nullable=False),
    Column("is_withdrawn", Boolean, nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("changed_at", MOMENT, nullable=False),
)
calendar = Table(
    "calendar",
    metadata,
    Column("id", _SEQUENCE, primary_key=True, autoincrement=True),
    Column("source", String(40), nullable=False),
    Column("node", ID, nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("start", DAY, nullable=False),
    Column("end", DAY, nullable=False),
    UniqueConstraint("source", "node", "kind", "start", "end"),
)
reveals = Table(
    "reveals",
    metadata,
    Column("id", ID, primary_key=True),
    Column("student", ID, nullable=False, index=True),
    Column("duty", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("level", String(10)),
    Column("break_glass", Boolean, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("approved_by", Text),
    Column("reviewed_by", Text),
    Column("status", String(10), nullable=False),
    Column("needs_review", Boolean, nullable=False, index=True),
    Column("expires_at", MOMENT, nullable=False),
    Column("changed_at", MOMENT, nullable=False),
)
audit = Table(
    "audit",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", MOMENT, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", Text, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
audit_heads = Table(
    "audit_heads",
    metadata,
    Column("day", DAY, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("signature", Text, nullable=False),
)
outbox = Table(
    "outbox",
    metadata,
    Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
    Column("topic", String(120), nullable=False),
    Column("key", String(120), nullable=False),
    Column("value", Text, nullable=False),
    sqlite_autoincrement=True,
)
