"""The catalogue and its semantic hash."""

import dataclasses
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.event import EVENT_TYPES
from shared.features.catalogue import CATALOGUE, catalogue_hash, describe, hash_of
from shared.features.meaning import meaning, normalised
from shared.features.page import page

FORMULA = '''
"""A module."""
from shared.features.frame import mean_a_day
FACTOR = 2

def indicator(frame, observed):
    """Say something."""
    # a comment
    return FACTOR * mean_a_day(frame.slot("dorm"), observed, 14)
'''


def compiled(folder: Path, name: str, source: str) -> Callable[..., Any]:
    """Import a module's `indicator` from source text."""
    path = folder / f"{name}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(f"shared.features.made.{name}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.indicator.__module__ = "shared.features.made"
    found: Callable[..., Any] = module.indicator
    return found


def test_comments_docstrings_and_layout_mean_nothing(tmp_path: Path) -> None:
    """The hash stays when only a comment, a docstring or the formatting changes."""
    one = compiled(tmp_path, "one", FORMULA)
    other = compiled(
        tmp_path,
        "other",
        FORMULA.replace("# a comment", "# another")
        .replace("Say something", "Say it better")
        .replace(
            'frame.slot("dorm"), observed, 14', '\n        frame.slot("dorm"),\n observed, 14'
        ),
    )
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize(
    ("old", "new"),
    [("14", "7"), ("FACTOR = 2", "FACTOR = 3"), ("FACTOR *", "FACTOR +"), ('"dorm"', '"loans"')],
)
def test_a_changed_formula_means_something_else(tmp_path: Path, old: str, new: str) -> None:
    """A number, a constant, an operator or a slot in the formula changes the hash."""
    one = compiled(tmp_path, "one", FORMULA)
    other = compiled(tmp_path, "other", FORMULA.replace(old, new))
    assert meaning(one) != meaning(other)


def test_a_helper_is_part_of_the_meaning(tmp_path: Path) -> None:
    """What an indicator reaches by name inside the catalogue is hashed with it."""
    text = meaning(compiled(tmp_path, "one", FORMULA))
    assert "shared.features.frame.mean_a_day" in text
    assert "shared.features.frame.totals" in text


def test_a_function_of_only_a_docstring_is_still_a_function() -> None:
    """Normalising an empty body does not fail."""
    assert normalised('def f():\n    """Nothing."""') == normalised("def f():\n    '''Else.'''")


@pytest.mark.parametrize(
    "change",
    [{"unit": "x"}, {"window_days": 7}, {"streams": ()}, {"closes_at": 1}, {"direction": "both"}],
)
def test_parameters_are_hashed(change: dict[str, Any]) -> None:
    """Unit, window, streams, closing time and direction belong to the meaning."""
    first = CATALOGUE[0]
    assert hash_of((dataclasses.replace(first, **change),)) != hash_of((first,))


def test_names_and_evidence_are_not_hashed() -> None:
    """A better name or another source does not refuse a model."""
    first = CATALOGUE[0]
    other = dataclasses.replace(first, zh="别名", en="alias", sources=(), grade="", formula="")
    assert hash_of((other,)) == hash_of((first,))


def test_order_is_hashed() -> None:
    """A vector's order is part of the catalogue."""
    assert hash_of(CATALOGUE[::-1]) != catalogue_hash() == hash_of(CATALOGUE)


def test_no_field_of_an_entry_is_empty() -> None:
    """A page of the catalogue shows names, unit, streams, window, formula and evidence of all."""
    for row in describe():
        assert all(row[key] for key in row), row["id"]
        assert set(row["streams"]) <= set(EVENT_TYPES)  # type: ignore[arg-type]  # a list here


def test_every_indicator_has_an_example_counted_by_hand() -> None:
    """An entry without a test of its value is refused."""
    folder = Path(__file__).parent
    files = [*folder.glob("test_indicators*.py"), folder / "test_life.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    untested = [
        one.id
        for one in CATALOGUE
        if f'value("{one.id}"' not in text and f'("{one.id}", ' not in text
    ]
    assert untested == []


def test_the_page_says_everything_of_every_indicator() -> None:
    """Formula, window, streams, coverage, baseline, calendar and evidence, none of them empty."""
    text = page()
    for label in ("Formula", "Window", "Streams", "Coverage", "Own baseline", "Calendar"):
        assert text.count(f"- **{label}**: ") >= len(CATALOGUE)
        assert f"- **{label}**: \n" not in text
