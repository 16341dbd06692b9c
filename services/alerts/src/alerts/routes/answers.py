"""The problems that routes declare, so that the OpenAPI document tells the truth."""

from typing import Any

from alerts.models import ProblemOut

_WORDS = {
    400: "against a rule",
    401: "no valid token",
    403: "known, but may not",
    404: "unknown, or not for this viewer",
    409: "against how it stands now: resolved, or not given up",
    422: "malformed",
    503: "something this service needs is away; Retry-After says when to come back",
}
_CONTENT = {"application/problem+json": {"schema": ProblemOut.model_json_schema()}}


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route: its own problems, and those that every route may have."""
    return {
        status: {"description": _WORDS[status], "content": _CONTENT}
        for status in sorted({401, 403, 422, 503, *statuses})
    }
