"""Histograms of a reference, and drift by groups."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.drift.groups import drifting, measure
from shared.drift.reference import counts_of, decode, encode, reference_of

VALUES = st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=80)


def test_bins_are_closed_on_the_right() -> None:
    """Edges 0 and 2: three values up to 0, two up to 2, one above; missing counts nowhere."""
    values = np.array([-1.0, 0.0, 0.0, 1.0, 2.0, 2.5, np.nan])
    assert counts_of([0.0, 2.0], values).tolist() == [3, 2, 1]


def test_a_count_that_is_mostly_zero_keeps_its_own_bin() -> None:
    """80 zeros and 20 ones to twenties: the equal deciles are one edge."""
    column = np.array([0.0] * 80 + list(range(1, 21)))
    found = reference_of(["silent_days"], column[:, None]).indicators["silent_days"]
    assert found.edges[0] == 0.0
    assert found.counts[0] == 80


@given(VALUES)
def test_every_value_is_counted_once(values: list[float | None]) -> None:
    """Present values fall into one bin each, the rest is missing; the file reads back."""
    column = np.array(values, dtype=np.float64)
    reference = reference_of(["x"], column[:, None])
    one = reference.indicators["x"]
    assert sum(one.counts) + one.missing == len(values)
    assert one.missing == values.count(None)
    assert decode(encode(reference)) == reference


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b'{"format":1,"vectors":1,"indicators":{"x":{"edges":[1.0],"counts":[1],"missing":0}}}',
        b'{"format":1,"vectors":1,"indicators":{"x":{"edges":[2,1],"counts":[1,1,1],"missing":0}}}',
        b'{"format":1,"vectors":1,"indicators":{"x":{"edges":[],"counts":[-1],"missing":0}}}',
    ],
)
def test_what_does_not_hold_together_is_refused(content: bytes) -> None:
    """Counts that do not fit the edges, edges that do not ascend, negative counts."""
    with pytest.raises(ValueError, match=r"."):
        decode(content)


def test_a_shift_shows_where_it_is_and_nowhere_else() -> None:
    """One indicator of one college is moved: that cell alone drifts."""
    rng = np.random.default_rng(3)
    names = ["a", "b"]
    reference = reference_of(names, rng.normal(size=(4000, 2)))
    values = rng.normal(size=(620, 2))
    colleges: list[str | None] = ["c1"] * 200 + ["c2"] * 400 + ["c3"] * 12 + [None] * 8
    values[:200, 1] += 1.5
    found = measure(reference, names, values, {"college": colleges})
    assert [(g.by, g.name, g.students) for g in found] == [
        ("all", "all", 620),
        ("college", "c1", 200),
        ("college", "c2", 400),
        ("college", "c3", None),
    ]
    assert found[-1].indicators == {}
    bad = [(group.name, name) for group, name, _ in drifting(found) if group.by == "college"]
    assert bad == [("c1", "b")]


def test_served_precision_moves_no_value_over_an_edge() -> None:
    """Shares as they are served, in single precision, fall where the reference counted them."""
    shares = np.repeat(np.arange(15) / 14, 10).round(4)
    reference = reference_of(["breakfast_rate"], shares[:, None]).indicators["breakfast_rate"]
    served = shares.astype(np.float32).astype(np.float64)
    assert counts_of(reference.edges, served).tolist() == reference.counts
