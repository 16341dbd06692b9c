"""Settings of alerts that only make sense together."""

import pytest

from alerts.config import Settings
from shared.kernel.errors import ConfigError
from shared.settings import load


@pytest.mark.parametrize("values", [{"lease_s": 15.0}, {"send_timeout_s": 30.0}])
def test_a_lease_outlasts_a_delivery(values: dict[str, object]) -> None:
    """A lease that may end during a conversation is refused under its variable's name."""
    with pytest.raises(ConfigError, match=r"LANTERN_ALERTS_LEASE_S: .*more than send_timeout_s"):
        load(Settings, **values)


def test_the_defaults_hold() -> None:
    """The settings as shipped pass their own rules."""
    assert load(Settings).lease_s > load(Settings).send_timeout_s
