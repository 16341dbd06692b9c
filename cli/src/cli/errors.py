"""Why a command ends: each error knows its exit code, its words for people and for programs."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from cli.language import say
from shared.kernel.errors import ConfigError, LanternError, UnavailableError
from shared.web.client import Response

_SHOWN = 200
_BAD_USAGE = 2


class CommandError(LanternError):
    """A command cannot do what it was asked (code 1), or was asked wrongly (code 2)."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


class RefusedError(LanternError):
    """A service answered no; `problem` is what it said, RFC 9457 or nearly so."""

    def __init__(self, service: str, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{service}: {status} {problem.get('detail', '')}")
        self.service = service
        self.status = status
        self.problem = problem


def document_of(service: str, answer: Response) -> dict[str, Any]:
    """Return the document that a service answered.

    Raises:
        RefusedError: it refused, or what answered is not one of our services.
    """
    document = answered(service, answer)
    if not isinstance(document, dict):
        raise _no_document(service, answer)
    return document


def answered(service: str, answer: Response) -> Any:  # noqa: ANN401 - a JSON document or a list
    """Return the JSON that a service answered.

    Raises:
        RefusedError: it refused, or what answered is not one of our services.
    """
    try:
        found = answer.json()
    except ValueError:
        raise _no_document(service, answer) from None
    if answer.is_success:
        return found
    if not isinstance(found, dict):
        raise _no_document(service, answer)
    raise RefusedError(service, answer.status_code, found)


def _no_document(service: str, answer: Response) -> RefusedError:
    problem = {"code": "no_document", "detail": answer.text[:_SHOWN]}
    return RefusedError(service, answer.status_code, problem)


def exit_code(error: Exception) -> int:
    """Return 2 for bad usage or set-up, 1 for what failed."""
    if isinstance(error, CommandError):
        return error.code
    return 2 if isinstance(error, ConfigError) else 1


def sentences(error: LanternError) -> list[str]:
    """Return an error for people: what was wrong first, then what helps."""
    if isinstance(error, RefusedError):
        return _refusal(error)
    if isinstance(error, ConfigError):
        return [say(f"cannot start: {error}", f"无法启动：{error}")]
    if isinstance(error, UnavailableError):
        hint = say(
            "is it running? `lantern ps` says what is, `lantern up` starts the services",
            "服务是否在运行?`lantern ps` 查看,`lantern up` 启动",
        )
        return [f"{error}; {hint}"]
    return [str(error)]


def _refusal(error: RefusedError) -> list[str]:
    problem, service = error.problem, error.service
    detail = problem.get("detail") or problem.get("code") or "–"
    title = f"{problem['title']}: " if problem.get("title") else ""
    coded = f"{error.status} {problem.get('code', '')}".strip()
    lines = [
        say(
            f"{service} refused: {title}{detail} ({coded})",
            f"{service} 拒绝了请求：{title}{detail}（{coded}）",
        )
    ]
    lines += [f"  {field}: {reason}" for field, reason in _fields(problem)]
    if error.status == HTTPStatus.UNAUTHORIZED:
        lines.append(
            say(
                "  the token is not one that it trusts: is it the service of another home? "
                "`lantern ps` says so",
                "  该服务不信任此令牌：它是否属于其他目录？请用 `lantern ps` 查看",
            )
        )
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and problem.get("request_id"):
        lines.append(
            say(
                f"  its log tells more under request_id {problem['request_id']}",
                f"  详情见其日志，request_id 为 {problem['request_id']}",
            )
        )
    return lines


def _fields(problem: Mapping[str, Any]) -> list[tuple[str, str]]:
    faults = [
        (str(fault.get("field", "")), str(fault.get("reason", "")))
        for fault in problem.get("errors") or ()
        if isinstance(fault, dict)
    ]
    if problem.get("field"):
        faults.append((str(problem["field"]), say("at fault", "有误")))
    return faults


def as_document(error: Exception) -> dict[str, Any]:
    """Return an error for programs: always `code` and `detail`, and what a service said of it."""
    if isinstance(error, RefusedError):
        said = {name: value for name, value in error.problem.items() if name != "type"}
        said = {"code": "refused", "detail": ""} | said
        return {"error": {**said, "service": error.service, "status": error.status}}
    kinds = {ConfigError: "bad_configuration", UnavailableError: "unavailable"}
    kinds |= {CommandError: "bad_usage" if exit_code(error) == _BAD_USAGE else "failed"}
    code = next((word for kind, word in kinds.items() if isinstance(error, kind)), "failed")
    return {"error": {"code": code, "detail": str(error)}}
