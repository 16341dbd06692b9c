"""A scoring service on a fake broker and a real database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.helpers.bundles import CATALOGUE, FEATURES, TRUSTED, a_bundle

from scoring import main
from scoring.config import Settings
from scoring.main import Parts
from scoring.runtime import Meaning
from shared.bundle.keys import add_trusted
from shared.kernel.clock import ManualClock
from shared.stream.testing import FakeBroker


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    add_trusted(tmp_path / "trusted.json", TRUSTED.keys[0])
    return Settings(
        database_url=database_url,
        bundle_dir=a_bundle(tmp_path / "bundle"),
        trusted_keys_file=tmp_path / "trusted.json",
        dead_letter_key=SecretStr("ab" * 32),
        checkpoint_s=0.0,  # the clock of the tests stands still
    )


def _assembled(settings: Settings) -> Parts:
    """Assemble for the catalogue of three test features."""
    return main.assemble(settings, ManualClock(), meaning=Meaning(CATALOGUE, FEATURES))


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    made = _assembled(settings)
    await made.load()
    yield made
    await made.database.close()


@pytest.fixture
def broker() -> FakeBroker:
    return FakeBroker(partitions=2)
