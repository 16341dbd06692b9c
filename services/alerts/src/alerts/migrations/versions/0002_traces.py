"""History and outbox: the trace of what a line or a message goes back to."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
_TABLES = ("alert_history", "outbox")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("traceparent", sa.String(55)))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "traceparent")
