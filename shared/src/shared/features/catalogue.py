"""The indicator catalogue: what is computed, from which streams, over which window, and why.

A new indicator is one function under `indicators`, one entry under `entries` and one test. Order
matters: it is the order of a vector's values. Evidence grades: G1 campus data against a
depression measure, G2 phone, wearable or survey against depression, G3 campus data against grades
or another outcome, G4 practice or expert rule, G5 our own extension.
"""

import hashlib
from functools import cache

from shared.features.entries import card, nights, places, study
from shared.features.fold import FOLD_VERSION
from shared.features.indicator import Indicator
from shared.features.slots import layout_text

EVALUATION_VERSION = 2
"""Part of the hash: raise it when observation, coverage or baselines change their meaning."""
CATALOGUE: tuple[Indicator, ...] = card.ENTRIES + places.ENTRIES + nights.ENTRIES + study.ENTRIES
INDEX: dict[str, int] = {one.id: place for place, one in enumerate(CATALOGUE)}


def hash_of(catalogue: tuple[Indicator, ...]) -> str:
    """Return the semantic hash of some entries, 64 hexadecimal digits."""
    text = "\n\n".join(one.semantics() for one in catalogue)
    whole = f"{layout_text()}\nfold {FOLD_VERSION}\nevaluation {EVALUATION_VERSION}\n{text}"
    return hashlib.sha256(whole.encode()).hexdigest()


@cache
def catalogue_hash() -> str:
    """Return the hash that vectors carry and that a model states and insists on."""
    return hash_of(CATALOGUE)


def describe() -> list[dict[str, str | int | list[str]]]:
    """Return one row an indicator, for the catalogue's page and for REST."""
    return [
        {
            "id": one.id,
            "zh": one.zh,
            "en": one.en,
            "unit": one.unit,
            "streams": list(one.streams),
            "window_days": one.window_days,
            "direction": one.direction,
            "formula": one.formula,
            "coverage": one.rule,
            "evidence": one.grade,
            "sources": list(one.sources),
        }
        for one in CATALOGUE
    ]
