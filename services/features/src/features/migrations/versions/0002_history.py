"""What was known at the start of each campus day: the offline feature store."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "features_history_moments",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("known", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("moment", sa.LargeBinary(), nullable=False),
        sa.Column("masks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "known", name="pk_features_history_moments"),
    )
    op.create_table(
        "features_history_blocks",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("known", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "partition", "day", "block", "known", name="pk_features_history_blocks"
        ),
    )


def downgrade() -> None:
    op.drop_table("features_history_blocks")
    op.drop_table("features_history_moments")
