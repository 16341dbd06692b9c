"""Feature vectors for tests of scoring."""

from typing import Any

from tests.helpers.bundles import CATALOGUE

from shared.contracts.features import FeatureVector
from shared.kernel.ids import stable_id

STUDENT = "p1:" + "a" * 32


def pseudonym(number: int) -> str:
    return f"p1:{number:032x}"


def a_vector(student: str = STUDENT, position: int = 1, **changes: Any) -> FeatureVector:
    """Build a vector of the three features of the test bundle."""
    fields: dict[str, Any] = {
        "id": stable_id("vec", student, position),
        "student": student,
        "position": position,
        "as_of": "2026-03-02T04:00:00Z",
        "event_time": "2026-03-02T03:00:00Z",
        "window_start": "2025-12-01",
        "catalogue": CATALOGUE,
        "values": [0.5, 2.0, 0.0],
        "coverage": [1.0, 1.0, 1.0],
        "usual": [0.6, None, 0.0],
        "college": "c1",
    }
    return FeatureVector(**(fields | changes))
