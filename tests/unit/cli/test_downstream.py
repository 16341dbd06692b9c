"""`lantern feeds import` says what features did with the rows that ingest took."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.shop_feed import a_folder
from typer.testing import CliRunner, Result

from cli.downstream import Outcome
from cli.main import app
from shared.kernel.errors import UnavailableError
from shared.web.client import HttpClient, Response

ACCEPTED = 3
COUNTS = {"read": 3, "accepted": ACCEPTED, "duplicate": 0, "rejected": 0}
IMPORT = {
    "id": "i1",
    "state": "done",
    "event_time": "2023-12-21T04:00:00Z",
    "counts": COUNTS,
    "total": 3,
    "reasons": {},
    "files": [],
}
EARLIER = {"applied": 10, "late": 20, "dead": 30}


def answers(monkeypatch: pytest.MonkeyPatch, handled: dict[str, int] | None) -> None:
    """Let features have handled some rows once the import is done; None: it is away."""
    known: dict[str, Any] = {"/v1/imports/i1": IMPORT, "/v1/imports/i1/report": {"faults": []}}
    counts = iter([EARLIER])

    async def request(_client: HttpClient, method: str, url: str, **_more: Any) -> Response:
        if url == "/v1/counts":
            if handled is None:
                raise UnavailableError("nobody there")
            after = {name: n + handled.get(name, 0) for name, n in EARLIER.items()}
            return Response(200, json={"feeds": {"shop": next(counts, after)}})
        return Response(200, json=known.get(url, {"id": "i1"}))

    monkeypatch.setattr(HttpClient, "request", request)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the words that import a file."""
    monkeypatch.setenv("LANTERN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANTERN_LANGUAGE", "en")
    folder, file = a_folder(tmp_path), tmp_path / "shop.csv"
    file.write_bytes("学号,时间\nS1,1703132975\n".encode("gbk"))
    return ["import", str(file), "--feed", "shop", "--feeds", str(folder), "--wait", "0.1"]


def run(words: list[str]) -> Result:
    return CliRunner().invoke(app, ["feeds", *words])


@pytest.mark.parametrize(("language", "word"), [("en", "came too late"), ("zh", "来得太晚")])
def test_a_term_that_is_over_is_said_to_be_too_late(
    language: str, word: str, shop: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was of use: exit code 1, in the reader's language, with the command that helps."""
    monkeypatch.setenv("LANTERN_LANGUAGE", language)
    answers(monkeypatch, {"late": ACCEPTED})
    result = run([*shop, "--json"])
    assert result.exit_code == 1
    assert word in result.stderr
    assert "lantern replay FOLDER" in result.stderr
    found = json.loads(result.stdout)["downstream"]
    assert found == {"applied": 0, "late": 3, "dead": 0, "waiting": 0}


def test_some_late_rows_are_said_and_no_failure(
    shop: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table shows the figures; a late upload among others is everyday."""
    answers(monkeypatch, {"applied": 1, "late": 1, "dead": 1})
    result = run(shop)
    assert result.exit_code == 0
    assert "1 rows came too late" in result.stderr
    assert "lantern dead list --feed shop" in result.stderr
    assert "What features did" in result.stdout


def test_what_was_applied_needs_no_word(shop: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """All is well: figures, and not a warning."""
    answers(monkeypatch, {"applied": ACCEPTED})
    result = run(shop)
    assert result.exit_code == 0
    assert "late" not in result.stderr


def test_an_import_stands_when_features_is_away(
    shop: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ingest took the rows; that nobody knows more is said, and how to look."""
    answers(monkeypatch, None)
    result = run([*shop, "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["downstream"] is None
    assert "lantern ps" in result.stderr


def test_rows_on_their_way_are_not_lost(shop: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience ended first: what is not handled is counted as waiting."""
    answers(monkeypatch, {"late": 1})
    result = run([*shop, "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["downstream"]["waiting"] == ACCEPTED - 1


def test_a_repeated_import_loses_nothing() -> None:
    """Without a new row there is nothing to lose."""
    assert not Outcome(0, 0, 0, 0).is_lost
    assert Outcome(0, 1, 1, 0).is_lost


@pytest.mark.parametrize("refuses_from", [0, 1])
def test_an_import_stands_when_features_refuses(
    shop: list[str], monkeypatch: pytest.MonkeyPatch, refuses_from: int
) -> None:
    """Before the import and after it: what ingest counted is told, and what is not known."""
    answers(monkeypatch, {"applied": 3})
    usual, seen = HttpClient.request, itertools.count()

    async def request(client: HttpClient, method: str, url: str, **more: Any) -> Response:
        if url == "/v1/counts" and next(seen) >= refuses_from:
            return Response(500, json={"code": "internal", "detail": "oh"})
        return await usual(client, method, url, **more)

    monkeypatch.setattr(HttpClient, "request", request)
    result = run([*shop, "--json"])
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["downstream"] is None
    assert told["counts"]["accepted"] == ACCEPTED
    assert "is not known" in result.stderr
