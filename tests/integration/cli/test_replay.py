"""`lantern replay` of a folder on two fresh homes: equal sums and equal state, killed or not."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.installation import Installation, installation
from tests.helpers.shop_feed import a_folder

from cli.commands.replay import replay_folder
from cli.commands.state import HASHES
from cli.feeding import known_sets
from ingest.readers.folders import match_folder

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]
FIRST = datetime(2013, 9, 2, 2, 0, tzinfo=UTC)
STUDENTS, DAYS = 30, 60


def an_export(folder: Path) -> Path:
    """Write sixty days of a term that is long over; every tenth row stands twice, one is broken."""
    rows = [
        f"S{student},{(FIRST + timedelta(days=day, minutes=7 * student)).timestamp():.0f}"
        for day in range(DAYS)
        for student in range(STUDENTS)
        if (day + student) % 3
    ]
    rows += [*rows[::10], "S1,soon"]
    folder.mkdir()
    (folder / "shop.csv").write_bytes("\n".join(["学号,时间", *rows, ""]).encode("gbk"))
    return folder


async def a_run(kafka: str, folder: Path, home: Path, victim: str | None) -> tuple[Any, Any]:
    """Replay on a fresh home; return the document and the digests."""
    matched = match_folder(folder / "data", known_sets(folder / "feeds"))
    async with installation(kafka, home) as lantern:
        running = asyncio.create_task(replay_folder(lantern.here, folder / "data", matched, 120.0))
        if victim:
            await _until_some_was_applied(lantern)
            await lantern.death_of(victim)()
        document = await running
        await lantern.caught_up()
        return document, await lantern.digests()


async def _until_some_was_applied(lantern: Installation) -> None:
    async with asyncio.timeout(60):
        while True:
            async with lantern.here.client("features") as client:
                answer = await client.get("/v1/counts")
            if answer.json()["feeds"].get("shop", {}).get("applied"):
                return
            await asyncio.sleep(0.02)


def test_two_replays_of_a_folder_end_in_equal_state(kafka: str, tmp_path: Path) -> None:
    """The same files, a fresh home, once with a kill -9 in between: equal sums, equal hashes."""
    a_folder(tmp_path)
    an_export(tmp_path / "data")
    quiet, expected = asyncio.run(a_run(kafka, tmp_path, tmp_path / "one", None))
    total = quiet["total"]
    assert quiet["adds_up"]
    assert (total["read"], total["duplicate"], total["rejected"]) == (1321, 120, 1)
    assert (total["applied"], total["late"], total["dead"]) == (1200, 0, 0)
    assert set(expected) == set(HASHES)
    disturbed, found = asyncio.run(a_run(kafka, tmp_path, tmp_path / "two", "features"))
    assert disturbed["total"] == total
    assert found == expected
