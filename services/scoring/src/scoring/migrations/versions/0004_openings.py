"""Labels may wait for their prediction: what they wait for, and since when."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SAID = {"revision": sa.Integer(), "level": sa.String(16), "probability": sa.Double()}


def upgrade() -> None:
    with op.batch_alter_table("labels") as labels:
        labels.add_column(sa.Column("assessment", sa.String(80)))
        labels.add_column(sa.Column("opened_at", sa.String(40)))
        for name, kind in _SAID.items():
            labels.alter_column(name, existing_type=kind, nullable=True)
    op.create_index("ix_labels_assessment", "labels", ["assessment"])
    op.create_index("ix_labels_revision_opened", "labels", ["revision", "opened_at"])


def downgrade() -> None:
    op.execute("DELETE FROM labels WHERE revision IS NULL")
    op.drop_index("ix_labels_revision_opened", "labels")
    op.drop_index("ix_labels_assessment", "labels")
    with op.batch_alter_table("labels") as labels:
        for name, kind in _SAID.items():
            labels.alter_column(name, existing_type=kind, nullable=False)
        labels.drop_column("opened_at")
        labels.drop_column("assessment")
