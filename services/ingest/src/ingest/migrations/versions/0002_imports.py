"""File imports: plan, position, counts by file, reasons, lines at fault."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("instance", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staged", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer),
        sa.Column("position", sa.Text, nullable=False),
        sa.Column("pending", sa.Text),
        sa.Column("error", sa.String(500)),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_state", "imports", ["state"])
    op.create_table(
        "import_files",
        sa.Column("import_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("accepted", sa.Integer, nullable=False),
        sa.Column("duplicate", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("import_id", "number", name="pk_import_files"),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name="fk_import_files_import_id_imports"
        ),
    )
    op.create_table(
        "import_reasons",
        sa.Column("import_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("import_id", "number", "reason", name="pk_import_reasons"),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name="fk_import_reasons_import_id_imports"
        ),
    )
    op.create_table(
        "import_faults",
        sa.Column("import_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("fault_column", sa.String(200)),
        sa.PrimaryKeyConstraint("import_id", "number", "line", name="pk_import_faults"),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name="fk_import_faults_import_id_imports"
        ),
    )


def downgrade() -> None:
    for table in ("import_faults", "import_reasons", "import_files", "imports"):
        op.drop_table(table)
