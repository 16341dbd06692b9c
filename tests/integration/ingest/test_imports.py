"""A file with planted faults, through the whole of ingest: HTTP, accept path, log, dead letters."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import pytest
from httpx2 import ASGITransport
from pydantic import SecretStr

from ingest.config import Settings
from ingest.domain.mapping_description import FeedDescription
from ingest.main import Parts, assemble, build_app
from ingest.readers.descriptions import load_description
from shared.auth.testing import an_actor, fixed
from shared.contracts.topics import CAMPUS_EVENTS, CAMPUS_EVENTS_DEAD
from shared.crypto.sealing import Sealer
from shared.kernel.clock import ManualClock
from shared.stream.testing import FakeBroker, FakeSink
from shared.web.client import HttpClient

DESCRIPTION = """\
feed: canteen
title: {zh: 食堂消费, en: Canteen}
owner: card office
cadence: 1d
source: test/canteen
file: {glob: canteen.txt, encoding: gbk, separator: "\\t", quote: null}
columns: {student: 学号, day: 日期, clock: 时间, place: 地点, amount: 金额}
subject: {column: student}
id: [student, day, clock, place, amount]
time:
  kind: term
  term: term
  month_day: day
  clock: clock
  terms: {autumn: {start: 2026-09-01, end: 2027-01-20}}
type: lantern.card.swiped.v1
data:
  merchant: {column: place, map: {食堂: meal, 超市: shop}}
  amount: {column: amount, as: number}
""".replace("columns: {", "columns: {term: 学期, ")
GOOD = [
    "autumn\tS001\t0901\t075900\t食堂\t4.5\t",
    "autumn\tS002\t0901\t120100\t超市\t12\t",
    "autumn\tS001\t0102\t070000\t食堂\t3\t",
    "autumn\tS003\t901\t75900\t食堂\t4.5\t",
]
FAULTS: list[tuple[str | bytes, str | None, str]] = [
    ("autumn\tS004\t0931\t075900\t食堂\t4.5\t", "day", "bad_date"),
    ("autumn\tS004\t0601\t075900\t食堂\t4.5\t", "day", "date_outside_term"),
    ("autumn\tS004\t0901\t256000\t食堂\t4.5\t", "clock", "bad_clock"),
    ("winter\tS004\t0901\t075900\t食堂\t4.5\t", "term", "unknown_term"),
    ("autumn\t\t0901\t075900\t食堂\t4.5\t", "student", "no_subject"),
    ("autumn\tS004\t0901\t075900\t操场\t4.5\t", "place", "unmapped_value"),
    ("autumn\tS004\t0901\t075900\t食堂\tfour\t", "amount", "not_a_number"),
    ("autumn\tS004\t0901\t075900\t食堂\t-4\t", "amount", "bad_value"),
    ("autumn\tS004\t0901\t075900\t食堂\t\t", "amount", "empty_value"),
    ("autumn\tS004\t0901\t075900", "place", "missing_field"),
    ("autumn\tS004\t0901\t075900\t食堂\t4\t\tsurplus", None, "too_many_fields"),
    (b"autumn\tS004\t0901\t075900\t\xff\xff\t4\t", "place", "bad_encoding"),
    ("autumn\tS0\x0004\t0901\t075900\t食堂\t4\t", "student", "bad_character"),
    ("autumn\t" + "9" * 90 + "\t0901\t075900\t食堂\t4\t", "student", "bad_subject"),
]
HEADER = "学期\t学号\t日期\t时间\t地点\t金额"
KEY = SecretStr("ab" * 32)


def planted() -> bytes:
    """Return the file: good rows, each fault, one repeat, and no line end at the end."""
    lines: list[str | bytes] = [HEADER, *GOOD, *(row for row, _, _ in FAULTS), "", GOOD[0]]
    return b"\r\n".join(li if isinstance(li, bytes) else li.encode("gbk") for li in lines)


class Ingest:
    """A whole ingest on fakes of broker and clock, and its HTTP client."""

    def __init__(self, home: Path, broker: FakeBroker) -> None:
        self.broker = broker
        self.stop = asyncio.Event()
        self.parts: Parts = assemble(_settings(home), FakeSink(broker), ManualClock())
        app = build_app(self.parts, fixed(an_actor("it", "service")))
        self.client = HttpClient("http://ingest", transport=ASGITransport(app))

    async def __aenter__(self) -> Self:
        await self.parts.load()
        await self.parts.sink.start()
        self._runner = asyncio.create_task(self.parts.imports.runner.run(self.stop))
        return self

    async def __aexit__(self, *error: object) -> None:
        self.stop.set()
        await self._runner
        await self.client.close()
        await self.parts.database.close()

    async def call(self, method: str, path: str, **more: Any) -> Any:
        answer = await self.client.request(method, path, **more)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def stop_runner(self) -> None:
        """Let nothing run imports any more."""
        self.stop.set()
        await self._runner

    async def run_import(self, description: FeedDescription, content: bytes) -> dict[str, Any]:
        """Register, upload, import and wait; return the finished import."""
        job = await self.ask(description, content)
        async with asyncio.timeout(30):
            while True:
                found: dict[str, Any] = await self.call("GET", f"/v1/imports/{job}")
                if found["state"] in {"done", "failed"}:
                    return found
                await asyncio.sleep(0.02)

    async def ask(self, description: FeedDescription, content: bytes) -> str:
        """Register, upload and ask; return the import's id."""
        body = {"owner": "o", "types": [description.type], "cadence_s": 86_400}
        await self.call("PUT", f"/v1/feeds/{description.feed}", json=body)
        sha256 = hashlib.sha256(content).hexdigest()
        await self.call("PUT", f"/v1/imports/files/{sha256}", content=content)
        asked = {
            "name": "planted",
            "descriptions": [description.model_dump(mode="json", by_alias=True)],
            "files": [{"feed": description.feed, "name": "canteen.txt", "sha256": sha256}],
        }
        return str((await self.call("POST", "/v1/imports", json=asked))["id"])


def _settings(home: Path) -> Settings:
    return Settings(
        home=home, pseudonym_key=KEY, dead_letter_key=KEY, max_future_s=None, partitions=4
    )


@pytest.fixture
async def ingest(tmp_path: Path) -> AsyncIterator[Ingest]:
    """Return a running ingest."""
    async with Ingest(tmp_path, FakeBroker()) as running:
        yield running


@pytest.fixture
def description(tmp_path: Path) -> FeedDescription:
    """Return the feed of the planted file."""
    path = tmp_path / "canteen.yaml"
    path.write_text(DESCRIPTION, encoding="utf-8")
    return load_description(path)


async def test_a_file_with_planted_faults_lists_each_and_imports_the_rest(
    ingest: Ingest, description: FeedDescription
) -> None:
    """Each bad line is told with line, column and reason; all good rows reach the log."""
    done = await ingest.run_import(description, planted())
    read = len(GOOD) + len(FAULTS) + 1
    assert done["counts"] == {
        "read": read,
        "accepted": len(GOOD),
        "duplicate": 1,
        "rejected": len(FAULTS),
    }
    report = await ingest.call("GET", f"/v1/imports/{done['id']}/report")
    first = len(GOOD) + 2
    expected = [
        {"file": "canteen.txt", "line": first + n, "column": column, "reason": reason}
        for n, (_, column, reason) in enumerate(FAULTS)
    ]
    assert report["faults"] == expected
    assert report["total"] == len(FAULTS)
    assert len(ingest.broker.values(CAMPUS_EVENTS.name)) == len(GOOD)


async def test_a_second_run_adds_nothing(ingest: Ingest, description: FeedDescription) -> None:
    """The same file again is all duplicates; the log has not grown, the letters are the same."""
    await ingest.run_import(description, planted())
    events = len(ingest.broker.values(CAMPUS_EVENTS.name))
    again = await ingest.run_import(description, planted())
    assert (again["counts"]["accepted"], again["counts"]["duplicate"]) == (0, len(GOOD) + 1)
    assert len(ingest.broker.values(CAMPUS_EVENTS.name)) == events
    letters = [json.loads(v)["id"] for v in ingest.broker.values(CAMPUS_EVENTS_DEAD.name)]
    assert len(letters) == 2 * len(set(letters)) == 2 * len(FAULTS)


async def test_the_counts_of_ingest_and_of_the_import_agree(
    ingest: Ingest, description: FeedDescription
) -> None:
    """`/v1/counts` and the import say the same of a feed."""
    done = await ingest.run_import(description, planted())
    counts = await ingest.call("GET", "/v1/counts")
    assert counts["feeds"]["canteen"] == done["counts"]


async def test_no_student_number_leaves_ingest(
    ingest: Ingest, description: FeedDescription, tmp_path: Path
) -> None:
    """Neither the log, nor reports, nor files that stay behind hold a student number."""
    done = await ingest.run_import(description, planted())
    report = await ingest.call("GET", f"/v1/imports/{done['id']}/report")
    everything = [
        *ingest.broker.values(CAMPUS_EVENTS.name),
        *ingest.broker.values(CAMPUS_EVENTS_DEAD.name),
        json.dumps(report).encode(),
    ]
    for _ in range(100):  # the upload is removed just after the import says that it is done
        if not _naming(_left_behind(tmp_path)):
            break
        await asyncio.sleep(0.1)
    assert not _naming([*everything, *_left_behind(tmp_path)])


def _naming(texts: list[bytes]) -> list[bytes]:
    return [text for text in texts if b"S00" in text]


def _left_behind(home: Path) -> list[bytes]:
    files = (path for path in home.rglob("*") if path.is_file() and path.suffix != ".yaml")
    return [path.read_bytes() for path in files]


async def test_a_dead_letter_holds_the_row_sealed(
    ingest: Ingest, description: FeedDescription
) -> None:
    """The row as it stood in the file can be opened with the key, and only with it."""
    await ingest.run_import(description, planted())
    letters = [json.loads(v) for v in ingest.broker.values(CAMPUS_EVENTS_DEAD.name)]
    letter = next(each for each in letters if each["reason"] == "bad_date")
    sealer = Sealer("d1", {"d1": bytes.fromhex(KEY.get_secret_value())})
    row = sealer.open(letter["payload"], f"dead:{letter['id']}")
    assert row == str(FAULTS[0][0]).encode("gbk")


async def test_an_import_goes_on_after_ingest_died(
    tmp_path: Path, description: FeedDescription
) -> None:
    """An import that a dead process left is finished by the next one without being asked."""
    broker = FakeBroker()
    content = planted()
    async with Ingest(tmp_path, broker) as first:
        await first.stop_runner()
        job = await first.ask(description, content)
    async with Ingest(tmp_path, broker) as second, asyncio.timeout(30):
        while (await second.call("GET", f"/v1/imports/{job}"))["state"] != "done":
            await asyncio.sleep(0.02)
    assert len(broker.values(CAMPUS_EVENTS.name)) == len(GOOD)


@pytest.mark.parametrize(
    ("asked", "body", "status"),
    [
        ("GET /v1/imports/import_" + "0" * 32, None, 404),
        ("GET /v1/imports/nonsense", None, 422),
        ("POST /v1/imports", {"name": "x", "descriptions": [], "files": []}, 422),
        ("PUT /v1/imports/files/" + "0" * 64, None, 400),
    ],
)
async def test_bad_requests_are_problems(
    ingest: Ingest, asked: str, body: object, status: int
) -> None:
    """What cannot be done is answered with problem details."""
    method, _, path = asked.partition(" ")
    answer = await ingest.client.request(method, path, json=body)
    assert answer.status_code == status
    assert answer.json()["code"]


async def test_only_who_manages_feeds_may_import(tmp_path: Path) -> None:
    """A counsellor can neither upload nor import."""
    running = Ingest(tmp_path, FakeBroker())
    app = build_app(running.parts, fixed(an_actor("college_counsellor")))
    async with HttpClient("http://ingest", transport=ASGITransport(app)) as client:
        answers = [
            await client.request("PUT", f"/v1/imports/files/{'0' * 64}", content=b"x"),
            await client.get("/v1/imports"),
        ]
    await running.client.close()
    await running.parts.database.close()
    assert [answer.status_code for answer in answers] == [403, 403]
