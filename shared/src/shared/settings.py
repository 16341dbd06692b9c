"""Settings: environment variables `LANTERN_*`, each service with its own prefix.

Read once in `main`; nothing else reads the environment. A bad value is a `ConfigError` that names
the variable, and so is a variable with a service's prefix that is no setting of it: a misspelt or
retired name that did nothing would be found out too late. Each service looks at its own prefix
only, because all may share one environment.
"""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
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
    gather_s: float = Field(0.04, ge=0.0, le=1.0)
    """How long ingest's rounds and the fetches of features may wait for more of a trickle: what it
    costs each of them in time, and saves in work."""
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
    unknown = list(_unknown(kind))
    if unknown:
        raise ConfigError("settings", "; ".join(unknown))
    common = _build(CommonSettings, {})
    inherited = {
        name: getattr(common, name) for name in common.model_fields_set if name in kind.model_fields
    }
    return _build(kind, {**_missing_from_environment(kind, inherited), **overrides})


def _build(kind: type[S], values: dict[str, object]) -> S:
    try:
        return kind(**values)  # type: ignore[arg-type]  # checked by pydantic
    except ValidationError as error:
        prefix = _prefix(kind)
        faults = "; ".join(
            f"{prefix}{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
            for fault in error.errors(include_input=False)
        )
        raise ConfigError("settings", faults) from None


def _missing_from_environment(
    kind: type[BaseSettings], inherited: dict[str, object]
) -> dict[str, object]:
    """Keep the common values that the service's own prefix does not override."""
    prefix = _prefix(kind)
    present = {name.upper() for name in os.environ}
    return {k: v for k, v in inherited.items() if f"{prefix}{k}".upper() not in present}


def _unknown(kind: type[BaseSettings]) -> Iterator[str]:
    """Name the variables of a service's own prefix that are none of its settings."""
    prefix = _prefix(kind)
    if prefix == _prefix(CommonSettings):  # below it lie the services' own
        return
    known = {name.upper() for name in kind.model_fields}
    own = {name.upper().removeprefix(prefix) for name in os.environ if _has(name, prefix)}
    for name in sorted(own - known):
        near = get_close_matches(name, known, n=1, cutoff=0.7)
        hint = f"; did you mean {prefix}{near[0]}?" if near else ""
        yield f"{prefix}{name}: no such setting{hint}"


def _has(name: str, prefix: str) -> bool:
    return name.upper().startswith(prefix)


def _prefix(kind: type[BaseSettings]) -> str:
    return str(kind.model_config.get("env_prefix", "LANTERN_"))
