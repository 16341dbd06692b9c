"""The HTTP kit: problems, health and request ids."""

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry, Counter

from shared.kernel import errors
from shared.web.app import create_app
from shared.web.health import Health

FAULTS = {
    "not-found": (errors.NotFoundError("no_alert", "no such alert"), 404),
    "conflict": (errors.ConflictError("resolved", "the alert is resolved"), 409),
    "forbidden": (errors.ForbiddenError("other_college", "not your college"), 403),
    "unauthenticated": (errors.UnauthenticatedError("no_token", "a token is needed"), 401),
    "rule": (errors.RuleBrokenError("no_reason", "a reason is needed", field="reason"), 400),
    "large": (errors.TooLargeError("too_large", "at most 1 MiB"), 413),
    "often": (errors.TooManyRequestsError("slow down", retry_after_s=7), 429),
    "away": (errors.ServiceAwayError("the broker is away"), 503),
    "database": (errors.UnavailableError("database: locked"), 503),
}


def client() -> tuple[TestClient, Health]:
    """Return a client of an app with one faulty route."""
    router, health, registry = APIRouter(), Health(), CollectorRegistry()
    Counter("tests", "calls of this test", registry=registry).inc()

    @router.get("/fault/{name}")
    async def fault(name: str, n: int = 0) -> None:
        raise FAULTS[name][0]

    app = create_app("Test", [router], health=health, registry=registry)
    return TestClient(app, raise_server_exceptions=False), health


@pytest.mark.parametrize("name", FAULTS)
def test_errors_become_problem_details(name: str) -> None:
    """Each business error has one status, a stable code and problem+json."""
    answer = client()[0].get(f"/fault/{name}")
    error, status = FAULTS[name]
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == getattr(error, "code", "unavailable")
    assert ("Retry-After" in answer.headers) == (status in (429, 503))


def test_a_rule_names_the_field() -> None:
    """The caller learns which field is at fault."""
    assert client()[0].get("/fault/rule").json()["field"] == "reason"


def test_malformed_requests_name_every_field_without_echo() -> None:
    """A 422 lists place and reason, and does not repeat what was sent."""
    answer = client()[0].get("/fault/rule?n=secret-value")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "query/n"
    assert "secret-value" not in answer.text


def test_health_says_what_is_wrong() -> None:
    """Liveness and readiness are apart, and a complaint is named."""
    web, health = client()
    assert web.get("/readyz").status_code == 200
    health.add("ready", "consumer", lambda: "no partitions assigned")
    assert web.get("/healthz").text == "ok"
    assert web.get("/readyz").text == "consumer: no partitions assigned"


def test_the_root_leads_to_the_documents() -> None:
    """Who opens the bare address finds the API's documents, which do not list that address."""
    web, _ = client()
    answer = web.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, "docs")
    assert web.get("/").url.path == "/docs"
    assert "/" not in web.get("/openapi.json").json()["paths"]


def test_metrics_show_the_registry_of_this_service_only() -> None:
    """No global registry leaks into a service's metrics."""
    text = client()[0].get("/metrics").text
    assert "tests_total 1.0" in text
    assert "python_gc" not in text


@pytest.mark.parametrize(("given", "kept"), [("abc-1", True), ("x" * 65, False), ("", False)])
def test_a_request_id_is_kept_when_it_is_sane(given: str, kept: bool) -> None:
    """A caller's request id comes back; an unreasonable one is replaced."""
    answer = client()[0].get("/healthz", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) == kept
