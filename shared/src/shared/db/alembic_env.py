"""The one body of every service's `migrations/env.py`: run on the connection that it was given."""

from alembic import context


def run_migrations() -> None:
    """Run inside the caller's transaction; `migrations/env.py` calls this and nothing else."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        target_metadata=attributes["metadata"],
        render_as_batch=True,
        compare_type=True,
    )
    context.run_migrations()
