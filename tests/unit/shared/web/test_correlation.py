"""Correlation: one id a request and one trace, in answers, problems, logs and onward calls."""

import json

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry

from shared.kernel.errors import NotFoundError
from shared.kernel.trace import trace_id
from shared.observability import logging
from shared.observability.logging import get_logger
from shared.observability.tracing import current, traced
from shared.web.app import create_app
from shared.web.client import HttpClient, MockTransport, Request, Response
from shared.web.health import Health

PARENT = "00-" + "a1" * 16 + "-" + "b2" * 8 + "-01"


def client() -> TestClient:
    """Return a client of an app that tells its trace, refuses, and fails."""
    router = APIRouter()

    @router.get("/trace")
    async def trace() -> str | None:
        get_logger("test").info("test.seen")
        return current()

    @router.get("/refusal")
    async def refusal() -> None:
        raise NotFoundError("no_alert", "no such alert")

    @router.get("/fault")
    async def fault() -> None:
        raise ValueError("call 13800138000")

    return TestClient(create_app("T", [router], health=Health(), registry=CollectorRegistry()))


def test_a_request_goes_on_with_its_callers_trace() -> None:
    """The trace is the caller's, the span is new, and the answer tells it."""
    answer = client().get("/trace", headers={"traceparent": PARENT})
    assert trace_id(answer.json()) == "a1" * 16
    assert answer.json() != PARENT
    assert answer.headers["traceresponse"] == answer.json()


@pytest.mark.parametrize(
    "headers", [[], [("traceparent", PARENT[:-1])], [("traceparent", PARENT)] * 2]
)
def test_without_one_valid_parent_a_trace_begins(headers: list[tuple[str, str]]) -> None:
    """No header, a malformed one and two of them all begin a new trace, each another."""
    first, second = (client().get("/trace", headers=headers).json() for _ in range(2))
    assert len({trace_id(first), trace_id(second), "a1" * 16}) == 3


@pytest.mark.parametrize(
    ("path", "status"), [("/refusal", 404), ("/fault", 500), ("/nowhere", 404)]
)
def test_problems_name_request_and_trace(path: str, status: int) -> None:
    """Who reports a problem can name what its log lines are found by."""
    answer = client().get(path, headers={"traceparent": PARENT, "X-Request-ID": "r-1"})
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert (problem["request_id"], problem["trace_id"]) == ("r-1", "a1" * 16)
    assert answer.headers["X-Request-ID"] == "r-1"
    assert answer.headers["content-type"] == "application/problem+json"


def test_log_lines_of_a_request_carry_both(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of the handler and that of a fault are found by either id; the fault is redacted."""
    logging.configure("info", "json")
    web, headers = client(), {"traceparent": PARENT, "X-Request-ID": "r-1"}
    for path in ("/trace", "/fault"):
        web.get(path, headers=headers)
    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    ours = [line for line in lines if line.get("request_id") == "r-1"]
    assert [line["event"] for line in ours] == ["test.seen", "request.failed"]
    assert {line["trace_id"] for line in ours} == {"a1" * 16}
    assert "13800138000" not in written


async def test_a_call_from_within_a_trace_belongs_to_it() -> None:
    """The client adds a new span of the trace; outside of one it adds nothing."""
    seen: list[str | None] = []

    async def answer(request: Request) -> Response:
        seen.append(request.headers.get("traceparent"))
        return Response(200)

    async with HttpClient("http://x", transport=MockTransport(answer)) as web:
        await web.get("/")
        with traced(PARENT):
            await web.get("/")
            await web.post("/")
        await web.get("/")
    assert [each and trace_id(each) for each in seen] == [None, "a1" * 16, "a1" * 16, None]
    assert PARENT not in seen
