"""Times as the two databases give them back."""

from datetime import UTC, datetime


def aware(moment: datetime | None) -> datetime | None:
    """Return a stored moment as UTC; SQLite forgets the zone."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
