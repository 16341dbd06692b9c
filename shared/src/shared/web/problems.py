"""Errors as RFC 9457 problem details with a stable `code`; the only mapping to a status."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

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


def problem(
    status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """Return problem details; `more` holds extra members such as `field` or `errors`."""
    body = {"type": "about:blank", "status": status, "code": code, "detail": detail, **more}
    return JSONResponse(body, status, headers, media_type=PROBLEM)


def install(app: FastAPI) -> None:
    """Register the handlers that turn exceptions into problem details."""
    app.add_exception_handler(errors.CallerError, _caller_error)
    app.add_exception_handler(errors.UnavailableError, _unavailable)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http_error)


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
