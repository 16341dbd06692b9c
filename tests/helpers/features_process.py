"""The feature service in its own process, for tests that kill it: settings from the environment."""

import asyncio

from features.config import Settings
from features.main import build
from shared import settings
from shared.lifecycle import serve, stop_on_signals


async def main() -> None:
    """Serve until a signal says stop."""
    async with stop_on_signals() as stop:
        await serve([build(settings.load(Settings))], stop)


if __name__ == "__main__":
    asyncio.run(main())
