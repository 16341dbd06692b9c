"""Names of screening scales, as columns write them: which columns belong to the label's scale."""

import re
from collections.abc import Sequence
from itertools import pairwise

SCALES = (
    "phq9", "phq8", "phq4", "phq2", "gad7", "gad2", "scl90", "sas", "sds", "cesd", "upi", "pss10",
    "pss", "dass21", "dass", "isi", "psqi", "k10", "k6", "who5", "bdi", "bai", "hads", "ucla",
)  # fmt: skip
_PARTS = re.compile(r"[a-z]+|[0-9]+")


def scale_in(name: str) -> str | None:
    """Return the scale that a name mentions as words of its own: `PHQ-9 item 3` is of phq9."""
    parts = _PARTS.findall(name.lower())
    words = {*parts, *(a + b for a, b in pairwise(parts))}
    found = [scale for scale in SCALES if scale in words]
    return max(found, key=len, default=None)


def items_of(label: str, scale: str | None, names: Sequence[str]) -> list[str]:
    """Return the columns of the scale that the label comes from, said or seen in its name."""
    wanted = scale_in(scale) if scale else None
    wanted = wanted or (_plain(scale) if scale else scale_in(label))
    if wanted is None:
        return []
    return [
        name
        for name in names
        if scale_in(name) == wanted or (scale is not None and _plain(name).startswith(wanted))
    ]


def _plain(name: str) -> str:
    return "".join(_PARTS.findall(name.lower()))
