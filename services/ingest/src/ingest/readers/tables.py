"""The tables of imports; they live in ingest's database (migration 0002)."""

from sqlalchemy import Column, DateTime, ForeignKey, Integer, String, Table, Text

from shared.db.tables import new_metadata

metadata = new_metadata()
ImportRow = Table(
    "imports",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("instance", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("plan", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("staged", Integer, nullable=False),
    Column("total", Integer),
    Column("position", Text, nullable=False),
    Column("pending", Text),
    Column("error", String(500)),
)
ImportFileRow = Table(
    "import_files",
    metadata,
    Column("import_id", String(64), ForeignKey("imports.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("accepted", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
)
ImportReasonRow = Table(
    "import_reasons",
    metadata,
    Column("import_id", String(64), ForeignKey("imports.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("reason", String(64), primary_key=True),
    Column("rows", Integer, nullable=False),
)
ImportFaultRow = Table(
    "import_faults",
    metadata,
    Column("import_id", String(64), ForeignKey("imports.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("reason", String(64), nullable=False),
    Column("fault_column", String(200)),
)
