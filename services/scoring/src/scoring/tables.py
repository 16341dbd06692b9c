"""Tables of scoring: the latest assessment of each student, by lane, and stream positions."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from shared.db.tables import bookmarks_table, new_metadata

metadata = new_metadata()
ASSESSMENTS = Table(
    "assessments",
    metadata,
    Column("lane", String(40), primary_key=True),
    Column("student", String(200), primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("college", String(200)),
    Column("document", LargeBinary, nullable=False),
    Index("ix_assessments_lane_partition", "lane", "partition"),
)
BOOKMARKS = bookmarks_table(metadata)
