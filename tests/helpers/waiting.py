"""Waiting for what another task or process does, with a limit."""

import asyncio
from collections.abc import Callable


async def until(is_true: Callable[[], bool], timeout_s: float = 20.0) -> None:
    """Return once the condition holds; raises TimeoutError when it does not in time."""
    async with asyncio.timeout(timeout_s):
        while not is_true():
            await asyncio.sleep(0.02)
