"""The directory on each database, over ASGI."""

from collections.abc import AsyncIterator

import pytest
from tests.helpers.directory_service import DirectoryUnderTest, running_directory


@pytest.fixture
async def directory(database_url: str) -> AsyncIterator[DirectoryUnderTest]:
    """Run an empty directory."""
    async with running_directory(database_url) as service:
        yield service


@pytest.fixture
async def campus(directory: DirectoryUnderTest) -> DirectoryUnderTest:
    """Run a directory with the small roster."""
    await directory.load()
    return directory
