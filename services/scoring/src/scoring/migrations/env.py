"""Alembic's entry: the shared body does it."""

from shared.db.alembic_env import run_migrations

run_migrations()
