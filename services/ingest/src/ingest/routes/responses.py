"""What each route may answer besides success, for the OpenAPI document."""

from typing import Any

from shared.web.problems import declared

_TEXTS = {
    400: "Malformed, or against a rule",
    401: "No valid key or token",
    403: "Not allowed",
    404: "Unknown",
    409: "Not in a state that allows this",
    413: "Larger than allowed",
    415: "Not a content type of events",
    422: "Does not fit the schema",
    429: "Too many events; see Retry-After",
    503: "Broker or database away, nothing was kept; see Retry-After",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of these statuses."""
    return declared(_TEXTS, *statuses)
