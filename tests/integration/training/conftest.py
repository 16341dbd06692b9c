"""These tests need torch: `make test-training` runs them in their own environment."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = find_spec("training") is not None and find_spec("torch") is not None
collect_ignore_glob = [] if HERE else ["test_*.py"]
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def campus_data() -> Path:
    """Return the folder of the real data; skips where it is not."""
    folder = Path(os.environ.get("LANTERN_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data not present: {folder} is missing")
    return folder
