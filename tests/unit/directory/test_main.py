"""Building the service: everything checked, nothing connected."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from directory.config import Settings
from directory.main import build
from shared.kernel.errors import ConfigError

KEY = SecretStr("0" * 64)


def test_it_builds_without_connecting(tmp_path: Path) -> None:
    """A built service has its runners and has touched neither broker nor database."""
    settings = Settings(
        home=tmp_path,
        vault_key=KEY,
        pseudonym_key=KEY,
        kafka_bootstrap_servers="127.0.0.1:1",
        vault_previous_keys={"v0": KEY},
        audit_signing_key=KEY,
    )
    service = build(settings)
    assert (service.name, service.port, set(service.runners)) == (
        "directory",
        8102,
        {"outbox", "daily"},
    )
    assert not (tmp_path / "directory.db").exists()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"vault_key": None}, "LANTERN_DIRECTORY_VAULT_KEY"),
        ({"vault_key": SecretStr("zz")}, "LANTERN_DIRECTORY_VAULT_KEY"),
        ({"pseudonym_key": None}, "LANTERN_PSEUDONYM_KEY"),
        ({"vault_previous_keys": {"v0": SecretStr("00")}}, "LANTERN_DIRECTORY_VAULT_PREVIOUS_KEYS"),
        ({"timezone": "Mars/Olympus"}, "LANTERN_TIMEZONE"),
    ],
)
def test_a_missing_key_is_named(tmp_path: Path, change: dict[str, object], where: str) -> None:
    """The service does not start without its keys, and says which."""
    good: dict[str, object] = {"home": tmp_path, "vault_key": KEY, "pseudonym_key": KEY}
    with pytest.raises(ConfigError) as fault:
        build(Settings(**{**good, **change}))  # type: ignore[arg-type]
    assert fault.value.where.startswith(where)
