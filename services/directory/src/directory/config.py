"""Settings of directory: `LANTERN_DIRECTORY_*`, and the common ones under `LANTERN_*`."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What an operator may set. The vault key has no default: nothing starts without it."""

    model_config = SettingsConfigDict(env_prefix="LANTERN_DIRECTORY_", extra="ignore", frozen=True)

    port: int = 8102
    vault_key: SecretStr | None = None
    vault_key_id: str = "v1"
    vault_previous_keys: dict[str, SecretStr] = Field(default_factory=dict)
    """Keys of earlier ids, as JSON; they open and never seal."""
    audit_signing_key: SecretStr | None = None
    """Seed of the key that signs audit heads; derived from the vault key when not set."""
    max_import_bytes: int = Field(64 * 1024 * 1024, ge=1024)
    outbox_poll_s: float = Field(1.0, gt=0)
    daily_poll_s: float = Field(60.0, gt=0)
