"""The shipped descriptions against the real files: exact numbers, and every oddity reported."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conftest import ROOT
from tests.helpers.imports import Installation

from ingest.domain.imports import ImportPlan, LookupFile, SourceFile
from ingest.domain.mapping import RowMapper
from ingest.domain.mapping_outcome import Mapped
from ingest.domain.mapping_values import LookupTable
from ingest.readers.descriptions import load_all
from ingest.readers.folders import Matched, files_of, match_folder
from ingest.readers.lookups import read_lookup
from ingest.readers.rows import FeedFile
from shared.db.database import Database

pytestmark = pytest.mark.timeout(300)
CAMPUS_CARD = {  # feed: rows read, accepted, duplicate
    "campus_card_training_gate": (41_668, 41_375, 293),
    "campus_card_training_loans": (10_882, 10_661, 221),
    "campus_card_training_ranks": (1_083, 1_083, 0),
    "campus_card_test_swipes": (46_687, 46_684, 3),
    "campus_card_test_gate": (6_828, 6_828, 0),
    "campus_card_test_loans": (2_175, 2_139, 36),
    "campus_card_test_ranks": (182, 182, 0),
}


@pytest.fixture
async def installed(tmp_path: Path) -> AsyncIterator[Installation]:
    """Return an installation without a broker."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'ingest.db'}")
    installation = Installation(tmp_path, database)
    await installation.migrate()
    yield installation
    await database.close()


def matched(folder: Path) -> Matched:
    return match_folder(folder, load_all(ROOT / "feeds"))


async def imported(
    installed: Installation, folder: Path
) -> tuple[dict[str, tuple[int, int, int]], Counter[str]]:
    """Import a folder; return (read, accepted, duplicate) by feed, and the reasons."""
    found = matched(folder)
    service = installed.start()
    job = await service.request(folder.name, await _plan(installed, folder, found))
    await service.run(job)
    done, files = await service.get(job.id)
    assert (done.state, done.error) == ("done", None)
    sums: dict[str, tuple[int, int, int]] = {}
    reasons: Counter[str] = Counter()
    for file in files:
        read, accepted, duplicate = sums.get(file.file.feed, (0, 0, 0))
        c = file.counts
        assert c.read == c.accepted + c.duplicate + sum(file.reasons.values())
        sums[file.file.feed] = (read + c.read, accepted + c.accepted, duplicate + c.duplicate)
        reasons.update(file.reasons)
    return sums, reasons


async def _plan(installed: Installation, folder: Path, found: Matched) -> ImportPlan:
    files: list[SourceFile] = []
    lookups: list[LookupFile] = []
    for description, names in found.feeds:
        for name in names:
            sha256 = await installed.upload((folder / name).read_bytes())
            files.append(SourceFile(len(files), description.feed, name, sha256))
        for key, lookup in description.lookups.items():
            for name in files_of(folder, lookup.file):
                sha256 = await installed.upload((folder / name).read_bytes())
                lookups.append(LookupFile(description.feed, key, name, sha256))
    return ImportPlan(tuple(d for d, _ in found.feeds), tuple(files), tuple(lookups))


async def test_campus_card(installed: Installation, campus_data: Path) -> None:
    """Every row of the seven streams is an event or a repeat, merged in the order of days."""
    sums, reasons = await imported(installed, campus_data / "campus_card")
    assert sums == CAMPUS_CARD
    assert not reasons
    days = [str(event["time"])[:10] for _, event in installed.path.events]
    assert days == sorted(days)
    people = {str(event["subject"]) for _, event in installed.path.events}
    assert len({p for p in people if p.startswith("training-")}) == 361
    assert len({p for p in people if p.startswith("test-")}) == 91


def test_campus_card_names_what_it_skips(campus_data: Path) -> None:
    """The file of totals is skipped with its reason, and no file is left undescribed."""
    found = matched(campus_data / "campus_card")
    assert "训练/消费次数.txt" in [name for name, _, _ in found.skipped]
    assert all(reason and chinese for _, reason, chinese in found.skipped)
    assert found.absent == found.other == ()


async def test_door_access(installed: Installation, campus_data: Path) -> None:
    """Cards of nobody and of two students are refused; a missing clock lowers the precision."""
    folder = campus_data / "door_access"
    sums, reasons = await imported(installed, folder)
    assert reasons == {"unknown_card": 28_949 - 12_496, "ambiguous_card": 5}
    assert sums == {"door_access_doors": (28_949, 12_165, 326)}
    events = [event for _, event in installed.path.events]
    assert all(
        str(event["time"]).endswith("T04:00:00Z")
        for event in events
        if event["timeprecision"] == "day"
    )
    assert len(installed.path.letters) == len({body for _, body in installed.path.letters})


def test_door_access_oddities(campus_data: Path) -> None:
    """2,901 records without a clock, 12,496 of a known card, 888 cards, two of them ambiguous."""
    folder = campus_data / "door_access"
    ((description, (name,)),) = matched(folder).feeds
    table = read_lookup(description.lookups["cards"], [folder / "data1.csv"])
    assert len(table.ambiguous) == 2
    file = FeedFile(folder / name, description.file, description.columns)
    rows = [file.layout.row(raw.cells()) for raw in file]
    everybody = LookupTable("card", {row["card"]: row["card"] for row in rows})
    mapper = RowMapper(description, {"cards": everybody}, b"k" * 32)
    known = [row for row in rows if row["card"] in table.values]
    assert len(known) == 12_496
    assert len({row["card"] for row in known}) == 888
    events = [outcome for row in rows if isinstance(outcome := mapper.map(row), Mapped)]
    assert len(events) == 28_949
    precisions = Counter(event.event["timeprecision"] for event in events)
    assert precisions == {"minute": 28_949 - 2_901, "day": 2_901}
    refused = [e for e in events if e.event["data"]["granted"] is False]  # type: ignore[index]
    assert len(refused) == 1_015
    assert len(events) - len({event.event["id"] for event in events}) == 1_135


async def test_lms_log(installed: Installation, campus_data: Path) -> None:
    """Corrupted states are refused, repeated rows recognised, in 15 compressed files."""
    sums, reasons = await imported(installed, campus_data / "lms_log")
    assert reasons == {"unexpected_value": 4}
    assert sums == {"lms_log_submissions": (164_910, 164_230, 676)}
    assert len({event["subject"] for _, event in installed.path.events}) == 967
    times = [str(event["time"]) for _, event in installed.path.events]
    assert (times[0][:10], times[-1][:10]) == ("2023-08-31", "2024-01-25")
