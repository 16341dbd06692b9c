"""Settings of scoring: `LANTERN_SCORING_*`, and the common ones under `LANTERN_*`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings

_SHIPPED = Path(__file__).parent / "bundles"


class Settings(ServiceSettings):
    """What an operator may set; the defaults serve the starter bundle."""

    model_config = SettingsConfigDict(env_prefix="LANTERN_SCORING_", extra="ignore", frozen=True)

    port: int = 8104
    bundle_dir: Path = _SHIPPED / "starter"
    trusted_keys_file: Path = _SHIPPED / "trusted_keys.json"
    watch_interval_s: float = Field(5.0, gt=0)
    """How often the bundle's folder is looked at for a new bundle."""
    lane: str = Field("champion", pattern=r"^[a-z][a-z0-9-]{0,38}$")
    """Which model's assessments these are; each lane is its own consumer group."""
    max_vectors: int = Field(1000, ge=1, le=10_000)
    max_records: int = Field(2000, ge=1, le=50_000)
