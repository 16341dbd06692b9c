"""What the answers of this service share."""

from typing import Any

from shared.web.problems import declared

_TEXT = {
    400: "A rule is broken",
    401: "Nobody knows who the caller is",
    403: "The caller may not",
    404: "Not there, or not to be known",
    409: "The state does not allow it",
    413: "Too large",
    422: "Does not fit the schema",
    503: "Not now; try again",
}
Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int) -> Responses:
    """Declare problem details for statuses."""
    return declared(_TEXT, *statuses)
