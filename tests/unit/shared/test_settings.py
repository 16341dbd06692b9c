"""Settings: own prefix first, then the common one; faults name the variable."""

import pytest
from pydantic_settings import SettingsConfigDict

from shared.kernel.errors import ConfigError
from shared.settings import ServiceSettings, load


class ExampleSettings(ServiceSettings):
    """Settings of a made-up service."""

    model_config = SettingsConfigDict(env_prefix="LANTERN_EXAMPLE_", extra="ignore", frozen=True)

    port: int = 8199


def test_common_values_reach_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """`LANTERN_X` is the default of `LANTERN_EXAMPLE_X`."""
    monkeypatch.setenv("LANTERN_PARTITIONS", "4")
    assert load(ExampleSettings).partitions == 4
    monkeypatch.setenv("LANTERN_EXAMPLE_PARTITIONS", "6")
    assert load(ExampleSettings).partitions == 6


@pytest.mark.parametrize("variable", ["LANTERN_EXAMPLE_PORT", "LANTERN_PARTITIONS"])
def test_a_bad_value_names_its_variable(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start-up says which variable is wrong, and never prints the value."""
    monkeypatch.setenv(variable, "hidden-value")
    with pytest.raises(ConfigError, match=variable) as caught:
        load(ExampleSettings)
    assert "hidden-value" not in str(caught.value)


def test_the_database_is_sqlite_under_home_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a URL each service has a file of its own."""
    monkeypatch.setenv("LANTERN_HOME", "/somewhere")
    assert load(ExampleSettings).database("x") == "sqlite+aiosqlite:////somewhere/x.db"
    monkeypatch.setenv("LANTERN_EXAMPLE_DATABASE_URL", "postgresql+psycopg://db/x")
    assert load(ExampleSettings).database("x") == "postgresql+psycopg://db/x"


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("LANTERN_EXAMPLE_PROT", "did you mean LANTERN_EXAMPLE_PORT?"),
        ("lantern_example_database", "did you mean LANTERN_EXAMPLE_DATABASE_URL?"),
        ("LANTERN_EXAMPLE_ATTEMPTS", "no such setting$"),
    ],
)
def test_a_name_that_is_no_setting_is_refused(
    variable: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misspelt or retired variable stops the start, is named, and its value is not printed."""
    monkeypatch.setenv(variable, "hidden-value")
    with pytest.raises(ConfigError, match=f"{variable.upper()}: .*{hint}") as caught:
        load(ExampleSettings)
    assert "hidden-value" not in str(caught.value)


def test_other_services_variables_are_none_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """One environment serves all: only names with the own prefix are looked at."""
    for name in ("LANTERN_EXAMPLES_X", "LANTERN_OTHER_THING", "LANTERN_TOKEN", "EXAMPLE_PORT"):
        monkeypatch.setenv(name, "x")
    assert load(ExampleSettings).port == 8199
