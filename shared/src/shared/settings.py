"""Settings: environment variables `LANTERN_*`, each service with its own prefix.

Read once in `main`; nothing else reads the environment. A bad value is a `ConfigError` that names
the variable.
"""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.kernel.errors import ConfigError


class CommonSettings(BaseSettings):
    """What every service shares; prefix `LANTERN_`."""

    model_config = SettingsConfigDict(env_prefix="LANTERN_", extra="ignore", frozen=True)

    kafka_bootstrap_servers: str = "127.0.0.1:9092"
    home: Path = Path(".lantern")
    host: str = "127.0.0.1"
    timezone: str = "Asia/Shanghai"
    partitions: int = 12
    replication: int = 1
    log_level: str = "info"
    log_format: str = "json"
    instance: str = "0"
    auth_jwks_file: Path | None = None
    auth_issuer: str = "lantern-dev"
    auth_audience: str = "lantern"
    auth_discovery_url: str | None = None
    env: Literal["development", "test", "production"] = "development"
    service_token: SecretStr | None = None
    topic_prefix: str = ""
    pseudonym_key: SecretStr | None = None
    pseudonym_key_id: str = "p1"
    dead_letter_key: SecretStr | None = None
    dead_letter_key_id: str = "d1"


class ServiceSettings(CommonSettings):
    """Base of a service's settings: subclass with `env_prefix="LANTERN_<SERVICE>_"` for its own.

    Common fields are read under `LANTERN_`, own ones under the service's prefix (see `load`).
    """

    port: int
    database_url: str | None = None

    def database(self, service: str) -> str:
        """Return the service's database URL: its own, else SQLite under `home`."""
        return self.database_url or f"sqlite+aiosqlite:///{self.home / f'{service}.db'}"


S = TypeVar("S", bound=BaseSettings)


def load(kind: type[S], **overrides: object) -> S:
    """Build settings; common fields come from `LANTERN_*` when the service's own are not set.

    Raises:
        ConfigError: names each variable at fault and what is wrong with it.
    """
    common = _build(CommonSettings, {})
    inherited = {
        name: getattr(common, name) for name in common.model_fields_set if name in kind.model_fields
    }
    return _build(kind, {**_missing_from_environment(kind, inherited), **overrides})


def _build(kind: type[S], values: dict[str, object]) -> S:
    try:
        return kind(**values)  # type: ignore[arg-type]  # checked by pydantic
    except ValidationError as error:
        prefix = str(kind.model_config.get("env_prefix", "LANTERN_"))
        faults = "; ".join(
            f"{prefix}{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
            for fault in error.errors(include_input=False)
        )
        raise ConfigError("settings", faults) from None


def _missing_from_environment(
    kind: type[BaseSettings], inherited: dict[str, object]
) -> dict[str, object]:
    """Keep the common values that the service's own prefix does not override."""
    import os  # noqa: PLC0415 - settings is the one reader of the environment

    prefix = str(kind.model_config.get("env_prefix", "LANTERN_"))
    present = {name.upper() for name in os.environ}
    return {k: v for k, v in inherited.items() if f"{prefix}{k}".upper() not in present}
