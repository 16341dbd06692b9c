"""Checkpoints: one row a partition, and blobs of 256 students a campus day (see README)."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String, Table, Text

from shared.db.tables import bookmarks_table, new_metadata

metadata = new_metadata()
bookmarks = bookmarks_table(metadata)

partitions = Table(
    "features_partitions",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("meta", Text, nullable=False),
)
students = Table(
    "features_students",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("student", String(200), nullable=False),
)
days = Table(
    "features_days",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
rows = Table(
    "features_rows",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
keys = Table(
    "features_keys",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("is_arrival", Boolean, primary_key=True),
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("checkpoint", BigInteger, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
history_moments = Table(
    "features_history_moments",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("known", Integer, primary_key=True, autoincrement=False),
    Column("moment", LargeBinary, nullable=False),
    Column("masks", LargeBinary, nullable=False),
)
history_blocks = Table(
    "features_history_blocks",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("known", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
secrets = Table(
    "features_secrets",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)
