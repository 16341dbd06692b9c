"""Labels from three sources; what cannot be read is named with its line."""

from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from shared.contracts.alert import AlertEvent, AlertEventKind, Verdict
from shared.kernel.errors import ConfigError
from training.dataset.labels import Reader

READER = Reader(ZoneInfo("Asia/Shanghai"), lambda number: f"p1:{number}")
DAY = 20_697  # 2026-09-01


def written(folder: Path, text: str) -> Path:
    path = folder / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_outcomes_with_dates_and_times(tmp_path: Path) -> None:
    """A time before 04:00 belongs to the day before; a date means that day's morning."""
    text = (
        "student,time,label,scale\nS1,2026-09-01,1,phq9\n"
        "S2,2026-09-02T03:59:00+08:00,no,phq9\nS3,2026-09-02T04:00:00+08:00,0,\n"
    )
    found = READER.screening(written(tmp_path, text))
    assert found.scale == "phq9"
    assert [(one.student, one.day - DAY, one.label) for one in found.rows] == [
        ("p1:S1", 0, 1), ("p1:S2", 0, 0), ("p1:S3", 1, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("student,time\nS1,2026-09-01\n", "no column 'label'"),
        ("student,time,label\nS1,2026-09-01,maybe\n", "line 2"),
        ("student,time,label\nS1,2026-09-01,1\nS1,soon,1\n", "line 3"),
        ("student,time,label\n,2026-09-01,1\n", "no student"),
        ("student,time,label,scale\nS1,2026-09-01,1,a\nS1,2026-09-02,1,b\n", "one scale"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, said: str) -> None:
    """With the line and what is wrong."""
    with pytest.raises(ConfigError, match=said):
        READER.screening(written(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("student,time,label\nS1,2026-09-01,Li Lei\n", "line 2 column 'label'"),
        ("student,time,label\nS1,Li Lei,1\n", "line 2 column 'time'"),
    ],
)
def test_an_error_never_repeats_a_cell(tmp_path: Path, text: str, where: str) -> None:
    """A shifted column may put a name anywhere, so only the place is told."""
    with pytest.raises(ConfigError) as caught:
        READER.screening(written(tmp_path, text))
    assert where in str(caught.value)
    assert "Li Lei" not in str(caught.value)


def test_truth_of_a_simulation(tmp_path: Path) -> None:
    """One row a student and day; another file is refused."""
    text = "student,day,state,onset,label_day,label,signs\nS1,2026-09-01,unwell,,,1,0\n"
    [row] = READER.truth(written(tmp_path, text)).rows
    assert (row.student, row.day, row.label) == ("p1:S1", DAY, 1)
    with pytest.raises(ConfigError, match="is no truth"):
        READER.truth(written(tmp_path, "student,time,label\n"))


def an_event(
    alert: str, kind: AlertEventKind, day: int, verdict: Verdict | None = None
) -> AlertEvent:
    return AlertEvent(
        id=f"{alert}{day}", alert=alert, student=f"p1:{alert}", kind=kind, level="blue",
        reason="model", at=f"2026-09-{day:02}T08:00:00Z", sequence=day, verdict=verdict,
    )  # fmt: skip


def test_verdicts_date_from_the_opening_of_their_alert(tmp_path: Path) -> None:
    """What people found says nothing of days after the alert; some verdicts say nothing at all."""
    events = [
        an_event("a", "opened", 1), an_event("b", "opened", 2), an_event("c", "opened", 3),
        an_event("a", "resolved", 20, "confirmed_need"), an_event("b", "resolved", 21, "no_need"),
        an_event("c", "resolved", 22, "data_error"), an_event("d", "opened", 4),
        an_event("b", "reviewed", 23, "confirmed_need"),  # a second verdict is no label
    ]  # fmt: skip
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"\n".join(msgspec.json.encode(event) for event in events))
    found = READER.verdicts(path)
    assert [(one.student, one.day - DAY, one.label) for one in found.rows] == [
        ("p1:a", 0, 1), ("p1:b", 1, 0),
    ]  # fmt: skip
    assert found.skipped == {"verdict data_error": 1}


def test_a_verdict_without_its_opening_is_counted_not_dated(tmp_path: Path) -> None:
    """A file that begins within an alert's life would date the label too late, so it gives none."""
    events = [
        an_event("a", "raised", 5), an_event("a", "resolved", 20, "confirmed_need"),
        an_event("b", "opened", 2), an_event("b", "resolved", 21, "no_need"),
    ]  # fmt: skip
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"\n".join(msgspec.json.encode(event) for event in events))
    found = READER.verdicts(path)
    assert [one.student for one in found.rows] == ["p1:b"]
    assert found.skipped == {"opening not in the file": 1}
