"""Tables of scoring: the latest assessments by lane, what was served when, stream positions."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

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
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("level", String(16)),  # of a row from before this column, none is known
    Column("probability", Double),
    Column("inputs", LargeBinary),  # float32 in the order of the features, the champion's only
    Index("ix_assessments_lane_partition", "lane", "partition"),
)
MODEL_CHANGES = Table(
    "model_changes",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("actor", String(120), nullable=False),
    Column("action", String(16), nullable=False),
    Column("bundle_from", String(80), nullable=False),
    Column("bundle_to", String(80), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("is_forced", Boolean, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
PREDICTIONS = Table(
    "predictions",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("student", String(200), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("level", String(16), nullable=False),
    Column("probability", Double, nullable=False),
    Column("as_of", String(40), nullable=False),
    Index("ix_predictions_as_of", "as_of"),
    Index("ix_predictions_student", "student"),
)
LABELS = Table(
    "labels",
    metadata,
    Column("alert", String(80), primary_key=True),
    Column("student", String(200), nullable=False),
    Column("revision", Integer),  # with level and probability null until the prediction is saved
    Column("level", String(16)),
    Column("probability", Double),
    Column("verdict", String(24)),
    Column("reviewer", String(120)),
    Column("second_verdict", String(24)),
    Column("assessment", String(80)),  # of a label from before this column, none is known
    Column("opened_at", String(40)),
    Index("ix_labels_student", "student"),
    Index("ix_labels_assessment", "assessment"),
    Index("ix_labels_revision_opened", "revision", "opened_at"),
)
BOOKMARKS = bookmarks_table(metadata)
