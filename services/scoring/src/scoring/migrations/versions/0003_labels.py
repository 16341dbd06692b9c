"""What the champion said of those whom it would alert, and what people found."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "predictions",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("student", sa.String(200), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("as_of", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_predictions"),
    )
    op.create_index("ix_predictions_as_of", "predictions", ["as_of"])
    op.create_index("ix_predictions_student", "predictions", ["student"])
    op.create_table(
        "labels",
        sa.Column("alert", sa.String(80), nullable=False),
        sa.Column("student", sa.String(200), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("verdict", sa.String(24)),
        sa.Column("reviewer", sa.String(120)),
        sa.Column("second_verdict", sa.String(24)),
        sa.PrimaryKeyConstraint("alert", name="pk_labels"),
    )
    op.create_index("ix_labels_student", "labels", ["student"])


def downgrade() -> None:
    op.drop_table("labels")
    op.drop_table("predictions")
