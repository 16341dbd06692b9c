"""Imports end with the same counts and the same events, whenever the process dies."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from tests.helpers.feed_descriptions import a_description
from tests.helpers.imports import SEVERED, CrashError, Installation, chunks_of

from ingest.domain.imports import FAULTS_KEPT, Import
from ingest.domain.mapping_description import FeedDescription
from ingest.readers.runner import ImportRunner
from ingest.readers.staging import SqliteStaging
from ingest.readers.uploads import Uploads
from ingest.service import imports as module
from ingest.service.imports import ImportService
from shared.db.database import Database
from shared.kernel.errors import NotFoundError, RuleBrokenError, TooLargeError

HEADER = "学号,日期,时间,金额,地点\n"
CANTEEN = a_description()
KIOSK = a_description(feed="kiosk", source="test/kiosk")
MORNING = [f"S{n},2026-03-{n % 9 + 1:02},0{n % 8}:15,{n}.5,食堂" for n in range(30)]
EVENING = [f"S{n},2026-03-{n % 9 + 1:02},2{n % 4}:45,{n},超市" for n in range(30)]
BAD = ["S1,2026-03-01,08:00,much,食堂", "S1,2026-03-01,08:00,1,操场", ",2026-03-01,08:00,1,食堂"]


def a_file(rows: list[str]) -> bytes:
    return (HEADER + "".join(f"{row}\n" for row in rows)).encode("gbk")


@pytest.fixture
async def installed(tmp_path: Path, database_url: str) -> AsyncIterator[Installation]:
    """Return an installation without a broker."""
    database = Database(database_url)
    installation = Installation(tmp_path, database)
    await installation.migrate()
    yield installation
    await database.close()


async def run_all(service: ImportService) -> None:
    while (job := await service.next_open()) is not None:
        await service.run(job)


async def counts_of(service: ImportService, job: Import) -> list[tuple[int, int, int, int]]:
    _, files = await service.get(job.id)
    every = [file.counts for file in files]
    return [(c.read, c.accepted, c.duplicate, c.rejected) for c in every]


async def test_files_are_merged_by_event_time(installed: Installation) -> None:
    """Events of several files reach the log in the order of their days, whatever their files."""
    plan = await installed.plan(
        (CANTEEN, {"a.csv": a_file(MORNING[15:]), "b.csv": a_file(MORNING[:15])}),
        (KIOSK, {"c.csv": a_file(EVENING)}),
    )
    service = installed.start()
    await service.request("all", plan)
    await run_all(service)
    days = [str(event["time"])[:10] for _, event in installed.path.events]
    assert len(days) == 60
    assert days == sorted(days)
    for feed in ("shop", "kiosk"):
        times = [event["time"] for name, event in installed.path.events if name == feed]
        assert times == sorted(times, key=str)


async def test_a_batch_never_crosses_a_span(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sent at once lies between two ticks."""
    service = installed.start()
    sent: list[set[str]] = []
    accept = installed.path.accept

    async def spy(feed_id: str, raw_events: list[bytes]) -> object:
        sent.append({msgspec.json.decode(raw)["time"][:10] for raw in raw_events})
        return await accept(feed_id, raw_events)

    monkeypatch.setattr(installed.path, "accept", spy)
    await service.request("all", await installed.plan((CANTEEN, {"a.csv": a_file(MORNING)})))
    await run_all(service)
    assert len(sent) > 5
    assert all(len(days) == 1 for days in sent)


@pytest.mark.parametrize("moment", SEVERED)
@pytest.mark.parametrize("call", [0, 1, 4, 11])
async def test_a_crash_changes_neither_events_nor_counts(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, call: int, moment: str
) -> None:
    """After a death between any two steps the import goes on by itself, counted exactly."""
    monkeypatch.setattr(module, "_BATCH_ROWS", 4)
    monkeypatch.setattr(module, "_STAGE_ROWS", 7)
    rows = MORNING + BAD + MORNING[:5]
    plan = await installed.plan(
        (CANTEEN, {"a.csv": a_file(rows)}), (KIOSK, {"b.csv": a_file(EVENING)})
    )
    service = installed.start()
    job = await service.request("all", plan)
    installed.path.crash_at = (call, moment)
    with pytest.raises(CrashError):
        await run_all(service)
    again = installed.start()
    await run_all(again)
    assert await counts_of(again, job) == [(38, 30, 5, 3), (30, 30, 0, 0)]
    assert len(installed.path.events) == 60
    assert len(installed.path.letters) == 3


async def test_a_crash_while_reading_goes_on_reading(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines that were read and stored are not read again."""
    monkeypatch.setattr(module, "_STAGE_ROWS", 7)
    service = installed.start()
    job = await service.request("x", await installed.plan((CANTEEN, {"a.csv": a_file(MORNING)})))
    staging = installed.uploads().open(job)
    assert staging.fill(7)
    assert staging.fill(7)
    staging.close()
    again = installed.uploads().open(job)
    assert again.rows == 14
    assert again.fill(100)
    assert again.rows == 30
    assert not again.fill(100)
    again.close()
    await run_all(service)
    assert await counts_of(service, job) == [(30, 30, 0, 0)]


async def test_repeating_an_import_adds_nothing(installed: Installation) -> None:
    """The second run of the same file is all duplicates, with the same rejected rows."""
    for expected in [(33, 30, 0, 3), (33, 0, 30, 3)]:
        service = installed.start()
        plan = await installed.plan((CANTEEN, {"a.csv": a_file(MORNING + BAD)}))
        job = await service.request("x", plan)
        await run_all(service)
        assert await counts_of(service, job) == [expected]
    assert len(installed.path.events) == 30
    assert len(installed.path.letters) == 3


async def test_each_bad_line_is_reported(installed: Installation) -> None:
    """The report names file, line, column and reason, page by page, and nothing of the row."""
    service = installed.start()
    rows = [MORNING[0], *BAD, MORNING[1]]
    plan = await installed.plan((CANTEEN, {"a.csv": a_file(rows), "b.csv": a_file(BAD[:1])}))
    job = await service.request("x", plan)
    await run_all(service)
    _, first = await service.faults(job.id, (0, 0), 2)
    _, rest = await service.faults(job.id, (first[-1].file, first[-1].line), 10)
    found = [(f.file, f.line, f.column, f.reason) for f in [*first, *rest]]
    assert found == [
        (0, 3, "amount", "not_a_number"),
        (0, 4, "place", "unmapped_value"),
        (0, 5, "student", "no_subject"),
        (1, 2, "amount", "not_a_number"),
    ]


async def test_the_report_is_bounded_and_the_counts_are_not(installed: Installation) -> None:
    """Of one reason a thousand lines are listed and all counted; a rare one keeps its place."""
    service = installed.start()
    rows = [BAD[0]] * (FAULTS_KEPT + 500) + [BAD[1]]
    job = await service.request("x", await installed.plan((CANTEEN, {"a.csv": a_file(rows)})))
    await run_all(service)
    files, faults = await service.faults(job.id, (0, 0), 5000)
    assert files[0].reasons == {"not_a_number": FAULTS_KEPT + 500, "unmapped_value": 1}
    assert len(faults) == FAULTS_KEPT + 1
    assert faults[-1].reason == "unmapped_value"


async def test_filtered_rows_are_counted_and_leave_no_letter(installed: Installation) -> None:
    """Rows left out on purpose are rejected with the filter's name and not kept."""
    filters = [{"name": "shops", "column": "place", "drop": ["超市"]}]
    description = a_description(filters=filters)
    service = installed.start()
    plan = await installed.plan((description, {"a.csv": a_file(MORNING + EVENING + BAD[:1])}))
    job = await service.request("x", plan)
    await run_all(service)
    _, files = await service.get(job.id)
    assert files[0].reasons == {"filtered:shops": 30, "not_a_number": 1}
    assert list(installed.path.letters.values()) == ["not_a_number"]


async def test_what_the_accept_path_refuses_is_told_by_line_and_column(
    installed: Installation,
) -> None:
    """A rule that only the accept path knows is reported like any other fault."""
    installed.path.refuse_amount = 3.5
    service = installed.start()
    job = await service.request("x", await installed.plan((CANTEEN, {"a.csv": a_file(MORNING)})))
    await run_all(service)
    _, faults = await service.faults(job.id, (0, 0), 10)
    assert [(f.line, f.column, f.reason) for f in faults] == [(5, "amount", "too_odd")]
    assert await counts_of(service, job) == [(30, 29, 0, 1)]


async def test_nothing_that_names_students_is_left_behind(installed: Installation) -> None:
    """Uploads and staged rows are gone when an import ends, well or badly."""
    service = installed.start()
    wrong = a_description(columns={**CANTEEN.columns, "place": "elsewhere"})
    for description in (CANTEEN, wrong):
        await service.request("x", await installed.plan((description, {"a.csv": a_file(BAD)})))
        await run_all(service)
    assert list((installed.home / "imports").iterdir()) == []
    newest = await service.newest(10)
    assert sorted(job.state for job in newest) == ["done", "failed"]
    failed = next(job for job in newest if job.state == "failed")
    assert failed.error == "missing_column: the header has no column 'elsewhere'"


async def test_a_file_that_another_import_needs_is_kept(installed: Installation) -> None:
    """Two imports of one file both succeed."""
    service = installed.start()
    plan = await installed.plan((CANTEEN, {"a.csv": a_file(MORNING)}))
    jobs = [await service.request("x", plan)]
    installed.clock.advance(1)
    jobs.append(await service.request("x", plan))
    await run_all(service)
    assert [await counts_of(service, job) for job in jobs] == [[(30, 30, 0, 0)], [(30, 0, 30, 0)]]


async def test_leftovers_of_a_crash_are_tidied(installed: Installation) -> None:
    """At start, staged rows of ended imports and uploads of yesterday go; what is needed stays."""
    service = installed.start()
    job = await service.request("x", await installed.plan((CANTEEN, {"a.csv": a_file(MORNING)})))
    folder = installed.home / "imports"
    await installed.upload(b"never imported")
    (folder / f"{job.id}.db").touch()
    (folder / "import_gone.db-wal").touch()
    (folder / "upload_1.part").touch()
    installed.clock.advance(400 * 86_400)  # the manual clock starts in 2026; files are of today
    await service.tidy()
    kept = {path.name for path in folder.iterdir()}
    assert kept == {f"{job.id}.db", job.plan.files[0].sha256}


async def test_a_file_that_is_uploaded_again_meanwhile_is_not_deleted(
    installed: Installation,
) -> None:
    """Who sends the same file once more, as an import of it ends, finds it when asking for one."""
    service, content = installed.start(), a_file(MORNING)
    first = await service.request("x", await installed.plan((CANTEEN, {"a.csv": content})))
    installed.clock.advance(60)
    plan = await installed.plan((CANTEEN, {"a.csv": content}))
    await service.run(first)
    second = await service.request("x", plan)
    await run_all(service)
    assert await counts_of(service, second) == [(30, 0, 30, 0)]
    assert not list((installed.home / "imports").iterdir())


async def test_bad_requests_are_refused_at_once(installed: Installation) -> None:
    """An unknown feed, a file that was not uploaded and an unknown import are told."""
    service = installed.start()
    nobody = a_description(feed="nobody")
    with pytest.raises(RuleBrokenError, match="register feed nobody"):
        await service.request("x", await installed.plan((nobody, {"a.csv": b"x"})))
    plan = await installed.plan((CANTEEN, {"a.csv": a_file(MORNING)}))
    installed.uploads().release(plan.sha256s, installed.clock.now())
    with pytest.raises(RuleBrokenError, match="upload"):
        await service.request("x", plan)
    with pytest.raises(NotFoundError):
        await service.get("import_0")


async def test_uploads_are_checked(installed: Installation) -> None:
    """Bytes of another hash and endless uploads leave nothing behind."""
    uploads = installed.uploads()
    with pytest.raises(RuleBrokenError, match="another SHA-256"):
        await uploads.put("0" * 64, chunks_of(b"x"))
    with pytest.raises(TooLargeError):
        await uploads.put("0" * 64, chunks_of(b"x" * 10_000_001))
    assert list((installed.home / "imports").iterdir()) == []


async def test_the_runner_takes_imports_and_stops_when_asked(installed: Installation) -> None:
    """A request is taken up at once, and a stop leaves the rest where it stands."""
    service = installed.start()
    stop = asyncio.Event()
    task = asyncio.create_task(ImportRunner(service, look_every_s=60).run(stop))
    await asyncio.sleep(0.05)
    job = await service.request("x", await installed.plan((CANTEEN, {"a.csv": a_file(MORNING)})))
    async with asyncio.timeout(20):
        while (await service.get(job.id))[0].state != "done":
            await asyncio.sleep(0.02)
        stop.set()
        await task


async def test_cards_are_looked_up_in_the_uploaded_table(installed: Installation) -> None:
    """The lookup of a description is read from the file sent with the import."""
    lookups = {"cards": {"name": "card", "file": {"glob": "c.csv"}, "key": "k", "value": "v"}}
    subject = {"column": "student", "lookup": "cards"}
    description: FeedDescription = a_description(lookups=lookups, subject=subject)
    cards = b"k,v\nS1,one\nS2,two\nS2,three\n"
    plan = await installed.plan(
        (description, {"a.csv": a_file(MORNING[:4])}), lookups={("shop", "cards"): cards}
    )
    service = installed.start()
    job = await service.request("x", plan)
    await run_all(service)
    _, files = await service.get(job.id)
    assert files[0].reasons == {"unknown_card": 2, "ambiguous_card": 1}
    assert [event["subject"] for _, event in installed.path.events] == ["one"]


@pytest.mark.parametrize("call", ["open", "fill", "batch"])
async def test_an_unforeseen_error_fails_its_import_and_the_next_one_runs(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """The runner goes on; the reason names the kind of error and quotes nothing of a row."""
    service = installed.start()
    bad = await service.request("x", await installed.plan((CANTEEN, {"a.csv": a_file(MORNING)})))
    installed.clock.advance(1)
    good = await service.request("y", await installed.plan((KIOSK, {"b.csv": a_file(EVENING)})))
    owner = Uploads if call == "open" else SqliteStaging
    original = getattr(owner, call)
    failures = [KeyError("S1 of row 1")]

    def once(*arguments: object) -> object:
        if failures:
            raise failures.pop()
        return original(*arguments)

    monkeypatch.setattr(owner, call, once)
    stop = asyncio.Event()
    task = asyncio.create_task(ImportRunner(service, look_every_s=60).run(stop))
    async with asyncio.timeout(20):
        while (await service.get(good.id))[0].state != "done":
            await asyncio.sleep(0.02)
    stop.set()
    await task
    failed, _ = await service.get(bad.id)
    assert (failed.state, failed.error) == ("failed", "unforeseen_error: KeyError")
