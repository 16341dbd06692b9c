"""Errors of a database are logged without the people in its rows."""

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.exc import IntegrityError

from shared.db.database import Database
from shared.observability import logging
from shared.observability.logging import get_logger

ROW = {"name": "Planted Name", "mail": "planted@example.edu", "phone": "13800138000"}
SECRETS = tuple(ROW.values())


async def test_a_failing_statement_names_nobody(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the parameters nor the row that the database quotes reach the log."""
    logging.configure("info", "json")
    database = Database(database_url)
    create = "CREATE TABLE people (name TEXT, mail TEXT UNIQUE, phone TEXT, must TEXT NOT NULL)"
    async with database.write() as connection:
        await connection.execute(text(create))
    refused = text("INSERT INTO people (name, mail, phone) VALUES (:name, :mail, :phone)")
    with pytest.raises(IntegrityError):
        await _run_and_log(database, refused.bindparams(**ROW))
    await database.close()
    written = capsys.readouterr().err
    assert "IntegrityError" in written
    for secret in SECRETS:
        assert secret not in written


async def _run_and_log(database: Database, statement: TextClause) -> None:
    try:
        async with database.write() as connection:
            await connection.execute(statement)
    except IntegrityError:
        get_logger("test").exception("import.failed")
        raise
