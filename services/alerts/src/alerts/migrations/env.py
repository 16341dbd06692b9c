"""Alembic's entry; see shared.db.migrate."""

from shared.db.alembic_env import run_migrations

run_migrations()
