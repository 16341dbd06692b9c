"""Settings of alerts: `LANTERN_ALERTS_*`, and the common ones under `LANTERN_*`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from shared.kernel.errors import ConfigError
from shared.settings import ServiceSettings

_DEFAULT = Path("policies") / "default.yaml"
_LEASE_MARGIN_S = 5.0


class Settings(ServiceSettings):
    """What an operator may set. A channel without its settings is off and says so in the outbox."""

    model_config = SettingsConfigDict(env_prefix="LANTERN_ALERTS_", extra="ignore", frozen=True)

    port: int = 8105
    policy_file: Path | None = None
    """The policy; without it `policies/default.yaml` here or beside the source tree."""
    public_url: str = "http://127.0.0.1:8105"
    """Where people open the links in messages."""
    directory_url: str = "http://127.0.0.1:8102"
    send: Literal["on", "off"] = "on"
    """`off` keeps messages to people in the outbox (replays and drills)."""
    smtp_host: str | None = None
    smtp_port: int = Field(25, ge=1, le=65_535)
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: str = "lantern@localhost"
    webhook_secret: SecretStr | None = None
    send_timeout_s: float = Field(10.0, gt=0, le=60)
    lease_s: float = Field(30.0, gt=0)
    """How long a sender may hold a row; longer than `send_timeout_s`, or a row goes out twice."""
    give_up_after_s: float = Field(86_400.0, gt=0, le=30 * 86_400)
    """How long a message to a person is tried at least while its fault may pass."""
    backoff_s: float = Field(2.0, gt=0)
    backoff_max_s: float = Field(900.0, ge=1)
    """The longest pause between two attempts of a message."""
    route_backoff_max_s: float = Field(60.0, ge=1)
    """The longest pause between two questions to directory, which are never given up."""
    poll_s: float = Field(1.0, gt=0)
    """How often the outbox is looked at without being woken."""
    keep_sent_s: float = Field(86_400.0, gt=0)
    senders: int = Field(8, ge=1, le=64)

    @field_validator("lease_s")
    @classmethod
    def _outlasts_a_delivery(cls, lease_s: float, info: ValidationInfo) -> float:
        """Refuse a lease that may end while its sender still talks to the provider."""
        least = info.data.get("send_timeout_s", 0.0) + _LEASE_MARGIN_S
        if lease_s <= least:
            raise ValueError(f"must be more than send_timeout_s + {_LEASE_MARGIN_S:g} = {least:g}")
        return lease_s

    def policy_path(self) -> Path:
        """Return the policy's file.

        Raises:
            ConfigError: no policy is named and none is found.
        """
        if self.policy_file is not None:
            return self.policy_file
        for folder in (Path.cwd(), *Path(__file__).parents):
            if (folder / _DEFAULT).is_file():
                return folder / _DEFAULT
        raise ConfigError("LANTERN_ALERTS_POLICY_FILE", f"is not set and {_DEFAULT} is not here")
