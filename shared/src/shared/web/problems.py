"""Errors as RFC 9457 problem details with a stable `code`; the only mapping to a status."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from structlog.contextvars import get_contextvars

from shared.kernel import errors

_STATUS: dict[type[errors.CallerError], int] = {
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.ForbiddenError: 403,
    errors.UnauthenticatedError: 401,
    errors.RuleBrokenError: 400,
    errors.TooLargeError: 413,
    errors.TooManyRequestsError: 429,
    errors.ServiceAwayError: 503,
}
PROBLEM = "application/problem+json"
_CORRELATION = ("request_id", "trace_id")


class ProblemOut(BaseModel):
    """RFC 9457 problem details with a stable `code`.

    `request_id` and `trace_id` find the log lines: of this request, and of the whole chain.
    """

    type: str = "about:blank"
    status: int
    code: str
    detail: str
    field: str | None = None
    request_id: str | None = None
    trace_id: str | None = None


def problem(
    status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """Return problem details; `more` holds extra members such as `field` or `errors`.

    Inside a request they name its `request_id` and `trace_id`, by which its log lines are found.
    """
    body = {"type": "about:blank", "status": status, "code": code, "detail": detail, **more}
    bound = get_contextvars()
    body |= {name: bound[name] for name in _CORRELATION if name in bound}
    return JSONResponse(body, status, headers, media_type=PROBLEM)


def declared(words: Mapping[int, str], *statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route for the OpenAPI document: these problems, or all known."""
    content = {PROBLEM: {"schema": {"$ref": f"#/components/schemas/{ProblemOut.__name__}"}}}
    chosen = sorted(set(statuses)) or words
    return {status: {"description": words[status], "content": content} for status in chosen}


def install(app: FastAPI) -> None:
    """Register the handlers that turn exceptions into problem details, and their schema."""
    _add_schema(app)
    app.add_exception_handler(errors.CallerError, _caller_error)
    app.add_exception_handler(errors.UnavailableError, _unavailable)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http_error)


def _add_schema(app: FastAPI) -> None:
    generated = app.openapi

    def openapi() -> dict[str, Any]:
        document = generated()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.setdefault(ProblemOut.__name__, ProblemOut.model_json_schema())
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


async def _caller_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.CallerError)  # noqa: S101 - registered for this class
    status = next((_STATUS[k] for k in type(error).__mro__ if k in _STATUS), 400)
    retry = getattr(error, "retry_after_s", None)
    headers = {"Retry-After": str(retry)} if retry is not None else {}
    if isinstance(error, errors.UnauthenticatedError):
        headers["WWW-Authenticate"] = "Bearer"
    more = {"field": error.field} if error.field else {}
    return problem(status, error.code, error.detail, headers=headers or None, **more)


async def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    return problem(503, "unavailable", str(error), headers={"Retry-After": "5"})


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    faults = [
        {"field": "/".join(str(part) for part in fault["loc"]), "reason": fault["msg"]}
        for fault in error.errors()
    ]
    return problem(422, "malformed", "the request does not fit its schema", errors=faults)


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    return problem(
        error.status_code,
        "http_error",
        str(error.detail),
        headers=dict(error.headers or {}) or None,
    )
