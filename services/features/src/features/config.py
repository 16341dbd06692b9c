"""Settings of the feature service, prefix `LANTERN_FEATURES_`."""

from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """See README; each field is an environment variable `LANTERN_FEATURES_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="LANTERN_FEATURES_", extra="ignore", frozen=True)

    port: int = 8103
    flush: Literal["adaptive", "ticks"] = "adaptive"
    flush_delay_s: float = Field(default=0.1, gt=0, le=60)
    checkpoint_s: float = Field(default=5.0, gt=0, le=300)
    max_records: int = Field(default=10_000, ge=1, le=100_000)
    dedup_days: int = Field(default=14, ge=0, le=120)
    ahead_days: int = Field(default=30, ge=1, le=119)
    keep_days: int = Field(default=400, ge=120, le=4_000)
    history: bool = True
    stale_after_s: float = Field(default=7_200.0, gt=0)
