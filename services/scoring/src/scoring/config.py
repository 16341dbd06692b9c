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
    """The champion until one is promoted."""
    bundles_dir: Path | None = None
    """A folder of bundles by name: each that is not champion runs as a shadow."""
    trusted_keys_file: Path = _SHIPPED / "trusted_keys.json"
    watch_interval_s: float = Field(5.0, gt=0)
    """How often the bundle's folder is looked at for a new bundle."""
    lane: str = Field("champion", pattern=r"^[a-z][a-z0-9-]{0,38}$")
    """`champion`, or the name of a lone shadow: it runs `bundle_dir` and publishes nothing."""
    promote_least_covered: float = Field(0.95, ge=0, le=1)
    """Which share of the champion's students a shadow must have assessed."""
    promote_most_growth: float = Field(2.0, ge=1)
    """How many times as many may stand at yellow or above after a promotion, or before it."""
    drift_interval_s: float = Field(900.0, gt=0)
    """How often drift is measured for metrics; `GET /v1/drift` gives the last measurement."""
    calibration_fewest: int = Field(50, ge=10)
    """How many verdicts must be there before calibration can count as broken."""
    checkpoint_s: float = Field(0.5, ge=0, le=1)
    """How often what was published is saved. A second at most: a replay waits about that long."""
    max_vectors: int = Field(1000, ge=1, le=10_000)
    max_records: int = Field(2000, ge=1, le=50_000)
