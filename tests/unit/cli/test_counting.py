"""When everything that was sent counts as decided on."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from cli import counting
from cli.context import CliSettings, Context
from cli.counting import caught_up, lag_words
from cli.readiness import Condition
from shared.web.client import HttpClient, Response

COUNTS = {"feeds": {"meals": {"accepted": 5, "applied": 5, "late": 0, "dead": 0}}}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """Return a home whose features has applied all that ingest accepted."""

    async def request(*_: Any, **__: Any) -> Response:
        return Response(200, json=COUNTS)

    monkeypatch.setattr(HttpClient, "request", request)
    monkeypatch.setattr(counting, "_LOOK_EVERY_S", 0.01)
    monkeypatch.setenv("LANTERN_LANGUAGE", "en")
    return Context(CliSettings(home=tmp_path))


def conditions(monkeypatch: pytest.MonkeyPatch, **found: Condition) -> None:
    async def condition(_: Context, service: str) -> Condition:
        return found.get(service, Condition("ready", lag=0))

    monkeypatch.setattr(counting, "condition", condition)


def test_nobody_behind_is_caught_up(here: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """All applied and no lag anywhere."""
    conditions(monkeypatch)
    assert asyncio.run(caught_up(here, ["meals"], 2.0)) is not None
    assert asyncio.run(lag_words(here)) is None


@pytest.mark.parametrize(
    ("alerts", "said"), [(Condition("away"), "alerts is away"), (Condition("ready", lag=7), "7")]
)
def test_a_service_that_restarts_has_not_caught_up(
    here: Context, monkeypatch: pytest.MonkeyPatch, alerts: Condition, said: str
) -> None:
    """Nobody knows what is before one that is away; it is named while the wait goes on."""
    conditions(monkeypatch, alerts=alerts)
    assert asyncio.run(caught_up(here, ["meals"], 0.2)) is None
    assert said in (asyncio.run(lag_words(here)) or "")
