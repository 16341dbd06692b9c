"""Checkpoints of the feature state, and stream positions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stream_bookmarks",
        sa.Column("group_name", sa.String(120), nullable=False),
        sa.Column("topic", sa.String(120), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("group_name", "topic", "partition", name="pk_stream_bookmarks"),
    )
    op.create_table(
        "features_partitions",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("meta", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partition", name="pk_features_partitions"),
    )
    op.create_table(
        "features_students",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("student", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("partition", "place", name="pk_features_students"),
    )
    op.create_table(
        "features_days",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "day", "block", name="pk_features_days"),
    )
    op.create_table(
        "features_rows",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "block", name="pk_features_rows"),
    )
    op.create_table(
        "features_keys",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_arrival", sa.Boolean(), nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("checkpoint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "partition", "is_arrival", "day", "checkpoint", name="pk_features_keys"
        ),
    )
    op.create_table(
        "features_secrets",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_features_secrets"),
    )
    if op.get_bind().dialect.name == "postgresql":  # the blobs do not compress well enough to try
        for table, column in (
            ("features_days", "content"),
            ("features_rows", "content"),
            ("features_keys", "content"),
        ):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")


def downgrade() -> None:
    for table in ("secrets", "keys", "rows", "days", "students", "partitions"):
        op.drop_table(f"features_{table}")
    op.drop_table("stream_bookmarks")
