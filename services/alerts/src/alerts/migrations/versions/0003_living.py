"""Alerts of a silent trial, and whether the model is suspended."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "alerts", sa.Column("is_silent", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.create_table(
        "model_state",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("is_suspended", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_model_state"),
    )


def downgrade() -> None:
    op.drop_table("model_state")
    op.drop_column("alerts", "is_silent")
