"""Revisions, levels and inputs beside the assessments; the log of what was served."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "assessments", sa.Column("revision", sa.Integer, nullable=False, server_default="0")
    )
    op.add_column("assessments", sa.Column("level", sa.String(16)))
    op.add_column("assessments", sa.Column("probability", sa.Double))
    op.add_column("assessments", sa.Column("inputs", sa.LargeBinary))
    op.create_table(
        "model_changes",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("bundle_from", sa.String(80), nullable=False),
        sa.Column("bundle_to", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("is_forced", sa.Boolean, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_model_changes"),
    )


def downgrade() -> None:
    op.drop_table("model_changes")
    for name in ("inputs", "probability", "level", "revision"):
        op.drop_column("assessments", name)
