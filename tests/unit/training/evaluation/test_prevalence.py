"""PPV elsewhere, and what 97.6 % would mean."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.prevalence import CLAIMS, RARE, at_prevalences, claims, ppv

TABLE = {  # docs: the published table, to the digits printed
    0.355: (0.957, 0.805, 0.535),
    0.125: (0.853, 0.517, 0.230),
    0.05: (0.682, 0.283, 0.099),
    0.01: (0.291, 0.070, 0.021),
    0.001: (0.039, 0.007, 0.002),
    1.71e-5: (0.0007, 0.0001, 0.00004),
}


@pytest.mark.parametrize("prevalence", TABLE)
def test_the_table(prevalence: float) -> None:
    """Every cell of the reference table."""
    found = [float(ppv(prevalence, se, sp)) for se, sp in CLAIMS]
    digits = 3 if prevalence >= 0.001 else 4
    expected = [round(cell, digits) for cell in TABLE[prevalence]]
    assert [round(one, digits) for one in found] == pytest.approx(expected, abs=1e-9)


def test_counts_at_one_in_a_hundred() -> None:
    """98 right and 238 wrong alerts of 10,000 students at 97.6 %."""
    (one,) = [c for c in claims() if c.prevalence == 0.01 and c.sensitivity == 0.976]
    assert (round(one.true_alerts), round(one.false_alerts)) == (98, 238)


def test_never_alerting_is_as_accurate() -> None:
    """Where 2.4 % are in need, doing nothing is 97.6 % accurate."""
    (one,) = [c for c in claims() if c.prevalence == 0.024 and c.sensitivity == 0.976]
    assert one.never_alert == pytest.approx(0.976)
    assert len(claims()) == len(RARE) * len(CLAIMS)


@given(st.floats(0.001, 0.999), st.floats(0.01, 1), st.floats(0.01, 0.99))
def test_rarer_need_means_fewer_right_alerts(p: Any, se: Any, sp: Any) -> None:
    """PPV falls with prevalence; a useless test's PPV is the prevalence."""
    assert ppv(p / 2, se, sp) <= ppv(p, se, sp) + 1e-12
    assert ppv(p, 1 - sp, sp) == pytest.approx(p)


def test_nobody_alerted_has_no_ppv() -> None:
    """Without alerts there is nothing to be right about."""
    assert np.isnan(ppv(0.1, 0.0, 1.0))


def test_elsewhere_counts_add_up() -> None:
    """Right and wrong alerts make the alerts, and their share is the PPV."""
    found: Any = at_prevalences(np.array([0.3, 0.2, 0.4]), np.array([0.99, 0.98, 0.995]))
    for one in found:
        assert one.true_alerts.value + one.false_alerts.value == pytest.approx(one.alerts.value)
        assert one.true_alerts.value / one.alerts.value == pytest.approx(one.ppv.value)
        assert one.ppv.low <= one.ppv.value <= one.ppv.high
