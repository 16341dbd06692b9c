"""`lantern feeds` and the sums of `lantern replay`, without any service."""

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import ROOT
from tests.helpers.shop_feed import a_folder
from typer.testing import CliRunner

from cli.commands.replay import closing_tick
from cli.counting import FeedSums, sums_of, total_of
from cli.main import app

COUNT = st.integers(0, 1000)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["feeds", *arguments])
    return result.exit_code, result.stdout


def test_the_shipped_feeds_are_listed() -> None:
    """One JSON document names set, feed, title, owner and type."""
    code, text = run("list", "--feeds", str(ROOT / "feeds"), "--json")
    assert code == 0
    listed = {each["feed"]: each for each in json.loads(text)["feeds"]}
    assert listed["door_access_doors"]["set"] == "door_access"
    assert listed["campus_card_test_swipes"]["type"] == "lantern.card.swiped.v1"


def test_a_description_is_shown_and_an_unknown_feed_is_an_error(tmp_path: Path) -> None:
    """What is shown is the description; exit code 2 means that it does not exist."""
    folder = str(a_folder(tmp_path))
    code, text = run("show", "shop", "--feeds", folder, "--json")
    assert (code, json.loads(text)["file"]["encoding"]) == (0, "gbk")
    assert run("show", "nobody", "--feeds", folder)[0] == 2


def test_a_trial_run_lists_each_bad_line(tmp_path: Path) -> None:
    """`check` sends nothing and tells line, column and reason."""
    data = tmp_path / "export.csv"
    data.write_bytes("学号,时间\nS1,1703132975.0\nS2,soon\n,1703132975\n".encode("gbk"))
    folder = str(a_folder(tmp_path))
    code, text = run("check", str(data), "--feed", "shop", "--feeds", folder, "--json")
    document = json.loads(text)
    assert code == 0
    assert document["counts"] == {"read": 3, "mapped": 1, "rejected": 2}
    found = [(f["line"], f["column"], f["reason"]) for f in document["faults"]]
    assert found == [(3, "at", "bad_time"), (4, "student", "no_subject")]


@given(st.lists(st.tuples(COUNT, COUNT, COUNT), min_size=1, max_size=5), COUNT, COUNT)
def test_what_adds_up_by_file_adds_up_by_feed(
    files: list[tuple[int, int, int]], late: int, earlier: int
) -> None:
    """Sums of files, and features' counts beyond those before, fit; one lost event does not."""
    accepted = sum(a for a, _, _ in files)
    late = min(late, accepted)
    counted = [
        {"feed": "f", "read": a + d + r, "accepted": a, "duplicate": d, "rejected": r}
        for a, d, r in files
    ]
    before = {"f": {"applied": earlier, "late": 1, "dead": 2}}
    after = {"f": {"applied": earlier + accepted - late, "late": 1 + late, "dead": 2}}
    sums = sums_of(["f"], counted, before, after)
    assert sums["f"].adds_up
    assert total_of(sums) == sums["f"]
    after["f"]["applied"] -= 1
    assert not sums_of(["f"], counted, before, after)["f"].adds_up


def test_rows_that_vanish_in_ingest_do_not_add_up() -> None:
    """A row read that is neither accepted, nor a repeat, nor rejected is found out."""
    assert not FeedSums(read=3, accepted=2, applied=2).adds_up


def test_a_replay_closes_after_the_last_campus_day() -> None:
    """A late evening belongs to its day, which ends at 04:00 local time."""
    zone = ZoneInfo("Asia/Shanghai")
    late = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)  # 02:30 on the third: still the second's day
    noon = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    assert closing_tick(late, zone) == closing_tick(noon, zone) == "2026-03-02T20:00:00Z"
