"""How a command that failed says so: sentences for people, one document for programs."""

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from cli.errors import CommandError, RefusedError, as_document, document_of, sentences
from cli.group import Lantern
from cli.main import app
from cli.output import AsJson
from cli.training_process import started
from shared.kernel.errors import ConfigError, LanternError, UnavailableError
from shared.web.client import HttpClient, Response

PROBLEM = {
    "type": "about:blank",
    "status": 409,
    "code": "already_resolved",
    "title": "Too late",
    "detail": "somebody resolved it",
    "field": "verdict",
    "request_id": "req_1",
}
MALFORMED = {
    "status": 422,
    "code": "malformed",
    "detail": "the request does not fit",
    "errors": [{"field": "query/limit", "reason": "too large"}],
}


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANTERN_LANGUAGE", "en")


def refusal(status: int, **more: Any) -> str:
    """Return what a person reads of an answer."""
    with pytest.raises(RefusedError) as refused:
        document_of("alerts", Response(status, **more))
    return "\n".join(sentences(refused.value))


def test_a_problem_is_told_in_sentences() -> None:
    """Title, detail, status, code and field, and no JSON."""
    said = refusal(409, json=PROBLEM)
    assert said.splitlines() == [
        "alerts refused: Too late: somebody resolved it (409 already_resolved)",
        "  verdict: at fault",
    ]
    assert "  query/limit: too large" in refusal(422, json=MALFORMED).splitlines()


def test_a_problem_is_told_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """The frame of the sentence is in the reader's language; the detail is the service's."""
    monkeypatch.setenv("LANTERN_LANGUAGE", "zh")
    assert "拒绝了请求" in refusal(409, json=PROBLEM)


@pytest.mark.parametrize("more", [{"text": "<h1>Bad gateway</h1>"}, {"json": ["?"]}, {}])
def test_an_answer_that_is_no_problem_is_told_as_it_is(more: dict[str, Any]) -> None:
    """A proxy answers what it likes."""
    assert "502" in refusal(502, **more)


def test_a_token_that_is_not_trusted_points_to_the_home() -> None:
    """Most often the service is another home's."""
    assert "lantern ps" in refusal(401, json={"code": "token_untrusted", "detail": "no"})


def test_a_fault_of_a_service_names_the_lines_of_its_log() -> None:
    """Whoever reads the log finds the request."""
    assert "req_1" in refusal(500, json=PROBLEM | {"status": 500})
    assert "req_1" not in refusal(409, json=PROBLEM)


def run(words: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    """Run a command whose service refuses."""

    async def request(*_: Any, **__: Any) -> Response:
        return Response(409, json=PROBLEM)

    monkeypatch.setattr(HttpClient, "request", request)
    return CliRunner().invoke(app, words.split())


@pytest.mark.parametrize(
    ("words", "code", "status"),
    [
        ("alerts show a1", "already_resolved", 1),
        ("dead show d1", "already_resolved", 1),
        ("state digest", "already_resolved", 1),
        ("model list", "already_resolved", 1),
        ("identity open r1", "already_resolved", 1),
        ("feeds show nobody", "bad_usage", 2),
        ("alerts list --no-such-option", "bad_usage", 2),
        ("alerts resolve a1", "bad_usage", 2),
        ("model verify no/such/folder", "bad_usage", 2),
    ],
)
def test_a_failure_is_one_document_under_json(
    words: str, code: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard output holds `error` with code and detail; people read standard error."""
    result = run(f"{words} --json", monkeypatch)
    assert result.exit_code == status
    (line,) = result.stdout.splitlines()
    error = json.loads(line)["error"]
    assert error["code"] == code
    assert error["detail"]
    assert result.stderr
    plain = run(words, monkeypatch)
    assert (plain.exit_code, plain.stdout) == (status, "")
    assert '{"' not in plain.stderr


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (ConfigError("LANTERN_X", "is not set"), "bad_configuration", 2),
        (UnavailableError("nobody there"), "unavailable", 1),
        (CommandError("no", 2), "bad_usage", 2),
        (LanternError("what else"), "failed", 1),
        (ExceptionGroup("tasks", [ExceptionGroup("inner", [CommandError("no")])]), "failed", 1),
    ],
)
def test_every_error_on_purpose_has_a_code(error: Exception, code: str, status: int) -> None:
    """Also when tasks have wrapped it."""
    little = typer.Typer(cls=Lantern)

    @little.command()
    def one(*, as_json: AsJson = False) -> None:
        raise error

    @little.command()
    def other() -> None: ...

    result = CliRunner().invoke(little, ["one", "--json"])
    assert result.exit_code == status
    assert json.loads(result.stdout)["error"]["code"] == code


def test_training_that_leaves_no_document_is_an_error(tmp_path: Any) -> None:
    """Its words stand on standard error; a program gets a document all the same."""
    (tmp_path / "python").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "python").chmod(0o755)
    with pytest.raises(CommandError) as ended:
        started(["--json"], python=tmp_path / "python")
    assert ended.value.code == 3
    with pytest.raises(typer.Exit):
        started([], python=tmp_path / "python")


@pytest.mark.parametrize(
    ("status", "more"),
    [(302, {"text": ""}), (200, {"text": "<h1>Welcome</h1>"}), (200, {"json": 1})],
)
def test_what_is_no_document_is_no_success(status: int, more: dict[str, Any]) -> None:
    """Another program on the port, a proxy's page, a redirect: refused, not a trace."""
    with pytest.raises(RefusedError) as refused:
        document_of("alerts", Response(status, **more))
    assert as_document(refused.value)["error"]["code"] == "no_document"


def test_a_refusal_has_a_code_and_a_detail_whatever_was_said() -> None:
    """A problem may leave both out."""
    with pytest.raises(RefusedError) as refused:
        document_of("alerts", Response(500, json={"title": "Oh"}))
    error = as_document(refused.value)["error"]
    assert (error["code"], error["detail"], error["title"]) == ("refused", "", "Oh")
