"""Settings of ingest: `LANTERN_INGEST_*`, and the common ones under `LANTERN_*`."""

from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings

_DAY_S = 86_400


class Settings(ServiceSettings):
    """What an operator may set; the defaults are those of a live campus."""

    model_config = SettingsConfigDict(env_prefix="LANTERN_INGEST_", extra="ignore", frozen=True)

    port: int = 8101
    max_body_bytes: int = Field(16 * 1024 * 1024, ge=1024)
    max_events: int = Field(10_000, ge=1)
    max_event_bytes: int = Field(64 * 1024, ge=1024, le=512 * 1024)
    import_max_bytes: int = Field(1024**3, ge=1024)
    """Largest file that may be uploaded for an import."""
    max_future_s: float | None = Field(600.0, ge=0)
    """How far ahead of our clock an event may be; `none` believes any time (replays)."""
    rate_per_s: float = Field(50_000.0, gt=0)
    """Events a second of a feed whose registration names no rate."""
    publish_timeout_s: float = Field(10.0, gt=0)
    dedup_days: int = Field(30, ge=1, le=3650)
    """Horizon of idempotency on (source, id), by the day of receipt."""
    dedup_max: int = Field(10_000_000, ge=1000)
    """Most ids remembered (some 120 bytes each); beyond it the oldest days are forgotten."""
    ticks: Literal["wall", "event"] = "wall"
    tick_interval_s: int = Field(3600, ge=60, le=_DAY_S)
    status_interval_s: float = Field(60.0, gt=0)
    watch_interval_s: float = Field(5.0, gt=0)

    @field_validator("max_future_s", mode="before")
    @classmethod
    def _none_is_a_word(cls, value: object) -> object:
        return None if isinstance(value, str) and value.lower() in {"none", "off", ""} else value

    @field_validator("tick_interval_s")
    @classmethod
    def _divides_a_day(cls, value: int) -> int:
        if _DAY_S % value:
            raise ValueError("must divide a day of 86400 seconds")
        return value

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"no time zone {value!r}") from None
        return value
