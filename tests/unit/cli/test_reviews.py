"""`lantern alerts review` and `lantern model performance`."""

from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from shared.web.client import HttpClient, Response

METRIC = {"value": 0.5, "low": 0.4, "high": 0.6}
RATIO = {
    "level": "all", "labels": 12, "observed": 6, "expected": 5.04, "ratio": 1.19, "low": 0.43,
    "high": 2.59,
}  # fmt: skip
PERFORMANCE: dict[str, Any] = {
    "model": "m1",
    "revision": 2,
    "waiting": 3,
    "calibration": [RATIO],
    "estimates": [
        {
            "level": "orange", "threshold": 0.55, "students": 400, "flagged": 7,
            "precision": METRIC, "recall": None,
        }
    ],
    "agreement": {
        "pairs": 10, "agreement": 0.8, "kappa": 0.6, "zh": "如何配对", "en": "how pairs come",
    },
}  # fmt: skip
ALERT = {"id": "a1", "status": "resolved", "history": []}


class Services:
    """Answers, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, object]] = []
        self.performance = PERFORMANCE

    async def request(self, method: str, url: str, **more: Any) -> Response:
        self.asked.append((method, url, more.get("json")))
        return Response(200, json=self.performance if url == "/v1/performance" else ALERT)


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Services:
    made = Services()

    async def request(_client: HttpClient, method: str, url: str, **more: Any) -> Response:
        return await made.request(method, url, **more)

    monkeypatch.setenv("LANTERN_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(HttpClient, "request", request)
    return made


def ran(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments), env={"LANTERN_LANGUAGE": "en"})
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("option", "verdict"), [(("--verdict", "no_need"), "no_need"), (("--decline",), None)]
)
def test_a_review_carries_ones_own_verdict_or_declines(
    services: Services, option: tuple[str, ...], verdict: str | None
) -> None:
    """Declining is said in words and sent as null, never by leaving something out."""
    assert ran("alerts", "review", "a1", *option)[0] == 0
    assert services.asked == [("POST", "/v1/alerts/a1/review", {"verdict": verdict})]


@pytest.mark.parametrize("option", [(), ("--verdict", "no_need", "--decline")])
def test_neither_or_both_is_refused(services: Services, option: tuple[str, ...]) -> None:
    """Nothing is sent."""
    assert ran("alerts", "review", "a1", *option)[0] == 2
    assert services.asked == []


def test_performance_shows_calibration_estimates_and_kappa(services: Services) -> None:
    """The figures with their intervals, and kappa with the number of its pairs."""
    code, text = ran("model", "performance")
    assert code == 0
    for part in ("m1, revision 2", "3 alerts wait", "1.19", "0.43–2.59", "0.550", "0.40–0.60"):
        assert part in text
    assert "10 pairs, same verdict 80.0%, Cohen's kappa 0.60" in text
    assert "how pairs come" not in text
    assert services.asked == [("GET", "/v1/performance", None)]


def test_without_pairs_it_says_how_they_come(services: Services) -> None:
    """No kappa is not a kappa of 0."""
    none = {"pairs": 0, "agreement": None, "kappa": None, "zh": "如何配对", "en": "how pairs come"}
    services.performance = PERFORMANCE | {"agreement": none}
    code, text = ran("model", "performance")
    assert code == 0
    assert "0 pairs, same verdict –, Cohen's kappa –" in text
    assert "how pairs come" in text
