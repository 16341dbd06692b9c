"""What a campus may be made of."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.kernel.errors import ConfigError
from simulator import CampusConfig


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("students", 0),
        ("students", True),
        ("students", 39),
        ("teams", 7),
        ("colleges", 0),
        ("days", 0),
        ("end_week", 27),
        ("seed", -1),
        ("at_risk_share", 0.9),
        ("unseen_share", -0.1),
        ("activity", float("nan")),
        ("outage_rate", "often"),
        ("timezone", "Mars/Base"),
        ("end", datetime(2026, 9, 1)),
    ],
)
def test_a_bad_value_is_refused_by_name(field: str, value: object) -> None:
    """The error of a value out of range names its field."""
    with pytest.raises(ConfigError) as caught:
        CampusConfig(**{field: value})  # type: ignore[arg-type]
    assert caught.value.where == field


def test_a_configuration_survives_its_document() -> None:
    """A stored configuration is read back equal, and so gives the same run."""
    config = CampusConfig(seed=7, students=90, end=datetime(2026, 3, 4, 5, 6, tzinfo=UTC))
    again = CampusConfig.from_json(config.to_json())
    assert again == config
    assert again.run == config.run


@pytest.mark.parametrize(
    "document", [b"", b"{}", b"[1]", b'{"end":"tomorrow"}', b'{"end":"2026-01-01T00:00:00"}']
)
def test_a_broken_document_is_refused(document: bytes) -> None:
    """What is not a configuration is a ConfigError, not a crash."""
    with pytest.raises(ConfigError):
        CampusConfig.from_json(document)


def test_an_unknown_field_is_named() -> None:
    """A field that a campus does not have is refused by its name."""
    document = CampusConfig().to_json().replace(b'"seed"', b'"seeds"')
    with pytest.raises(ConfigError, match="seeds"):
        CampusConfig.from_json(document)


def test_every_difference_changes_the_run() -> None:
    """Two configurations never share event ids."""
    config = CampusConfig()
    assert config.run != replace(config, seed=2).run
    assert config.run != replace(config, days=71).run
