"""The problems that routes declare, so that the OpenAPI document tells the truth."""

from typing import Any

from shared.web.problems import declared

_WORDS = {
    400: "against a rule",
    401: "no valid token",
    403: "known, but may not",
    404: "unknown, or not for this viewer",
    409: "against how it stands now: resolved, not given up, not the caller's to review",
    422: "malformed",
    503: "something this service needs is away; Retry-After says when to come back",
}


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route: its own problems, and those that every route may have."""
    return declared(_WORDS, 401, 403, 422, 503, *statuses)
