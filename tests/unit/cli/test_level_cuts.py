"""The policy's bands against the cuts of the model in service."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.level_cuts import differing
from cli.main import app
from shared.kernel.errors import UnavailableError
from shared.web.client import HttpClient, Response

CUTS = {"blue": 0.1443, "yellow": 0.164, "orange": 0.1884}


def models(*serving: dict[str, float]) -> dict[str, Any]:
    return {"serving": [{"thresholds": cuts} for cuts in serving]}


def policy(**changes: float) -> dict[str, Any]:
    rises = CUTS | changes
    return {"bands": [{"level": name, "rise_at": at} for name, at in rises.items()]}


def test_each_level_that_differs_is_named_with_both_numbers() -> None:
    """In the order of levels; equal ones are not, and neither is anything without a model."""
    assert differing(models(CUTS), policy()) == []
    assert differing(models(CUTS), policy(yellow=0.2)) == ["yellow: 0.2 ≠ 0.164"]
    assert differing(models(CUTS), {"bands": policy()["bands"][:2]}) == ["orange: – ≠ 0.1884"]
    assert differing(models(), policy(yellow=0.2)) == []


@pytest.mark.parametrize(
    ("serving", "bands", "state"),
    [
        ([CUTS], policy(), "ok"),
        ([CUTS], policy(blue=0.1), "warning"),
        ([], policy(blue=0.1), None),
        ([CUTS], None, None),
    ],
    ids=["same", "other", "no model", "alerts away"],
)
def test_doctor_warns_of_other_bands(
    serving: list[dict[str, float]],
    bands: dict[str, Any] | None,
    state: str | None,
    *,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A warning that names the level; nothing where there is nothing to compare."""

    async def request(_client: HttpClient, _method: str, url: str, **more: Any) -> Response:
        if url == "/v1/models":
            return Response(200, json=models(*serving))
        if url == "/v1/policy" and bands is not None:
            return Response(200, json=bands)
        raise UnavailableError("nobody there")

    monkeypatch.setattr(HttpClient, "request", request)
    environment = {
        "LANTERN_HOME": str(tmp_path),
        "LANTERN_PORT_OFFSET": "21100",
        "LANTERN_LANGUAGE": "en",
        "LANTERN_SCORING_URL": "http://scoring.example.edu",
        "LANTERN_ALERTS_URL": "http://alerts.example.edu",
    }
    done = CliRunner().invoke(app, ["doctor", "--json"], env=environment)
    found = {one["check"]: one for one in json.loads(done.stdout)["findings"]}
    assert found.get("levels", {}).get("state") == state
    if state == "warning":
        assert "blue: 0.1 ≠ 0.1443" in found["levels"]["found"]
