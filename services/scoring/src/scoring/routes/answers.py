"""What the answers of this service share."""

from typing import Any

from scoring.domain.lanes import CHAMPION
from shared.kernel.errors import ConflictError, NotFoundError
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


def require_champion(lane: str) -> None:
    """Make sure that this process may change what serves.

    Raises:
        ConflictError: it runs a lone shadow, whose bundle is nobody's champion.
    """
    if lane != CHAMPION:
        raise ConflictError("lone_lane", _lone(lane))


def require_watched(lane: str) -> None:
    """Make sure that this process knows how the champion does.

    Raises:
        NotFoundError: it runs a lone shadow, which has neither inputs nor labels.
    """
    if lane != CHAMPION:
        raise NotFoundError("lone_lane", _lone(lane))


def _lone(lane: str) -> str:
    return f"this process runs the lone shadow {lane}; ask the process of the champion"
