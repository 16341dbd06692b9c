"""The latest assessment of each student, and stream positions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assessments",
        sa.Column("lane", sa.String(40), nullable=False),
        sa.Column("student", sa.String(200), nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("college", sa.String(200)),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("lane", "student", name="pk_assessments"),
    )
    op.create_index("ix_assessments_lane_partition", "assessments", ["lane", "partition"])
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
    op.drop_table("stream_bookmarks")
    op.drop_table("assessments")
