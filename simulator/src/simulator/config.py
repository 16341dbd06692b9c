"""What a synthetic campus is made of: one frozen value, checked before anything is drawn."""

import hashlib
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from shared.kernel.campus_time import format_utc, parse_utc
from shared.kernel.errors import ConfigError

TERM_CYCLE_WEEKS = 26
_RUN_CHARACTERS = 8


@dataclass(frozen=True, kw_only=True)
class CampusConfig:
    """Everything that decides a campus and its events; equal values give equal bytes.

    `end` is the moment up to which `days` of events exist and after which life goes on; the terms
    are laid so that it falls into week `end_week` of a term. Shares are of the students:
    `at_risk_share` become unwell in any 70 days, `unseen_share` of them without any sign in
    behaviour, `decoy_share` of the healthy show the same signs. A planted sign shifts a stream by
    `effect_mean` +- `effect_sd` standard deviations. `outage_rate` is outages a feed and 70 days.
    `activity` multiplies every rate of events.
    """

    seed: int = 1
    students: int = 2000
    teams: int = 40
    colleges: int = 8
    days: int = 70
    end: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    end_week: int = 12
    timezone: str = "Asia/Shanghai"
    domain: str = "example.edu"
    activity: float = 1.0
    at_risk_share: float = 0.15
    unseen_share: float = 0.3
    decoy_share: float = 0.1
    effect_mean: float = 0.3
    effect_sd: float = 0.2
    outage_rate: float = 0.3
    late_share: float = 0.01
    duplicate_share: float = 0.002
    history: bool = True
    flows: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated; the error names the field.

        Raises:
            ConfigError: a value out of its range.
        """
        _check_counts(self)
        _check_shares(self)
        if self.end.tzinfo is None:
            raise ConfigError("end", "needs a UTC offset")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ConfigError("timezone", f"{self.timezone!r} is not a known time zone") from None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def run(self) -> str:
        """Eight characters that tell this configuration's event ids from any other's."""
        return hashlib.sha256(self.to_json()).hexdigest()[:_RUN_CHARACTERS]

    def to_json(self) -> bytes:
        """Return a document that `from_json` reads back, so that a run can be taken up again."""
        values = asdict(self) | {"end": format_utc(self.end)}
        return msgspec.json.encode(values, order="deterministic")

    @classmethod
    def from_json(cls, document: bytes) -> "CampusConfig":
        """Read what `to_json` wrote.

        Raises:
            ConfigError: not JSON, an unknown field, or a value out of its range.
        """
        try:
            values: dict[str, Any] = msgspec.json.decode(document, type=dict[str, Any])
            values["end"] = parse_utc(values["end"])
        except (msgspec.DecodeError, KeyError, ValueError, TypeError) as error:
            raise ConfigError("campus", f"cannot be read: {error}") from None
        unknown = values.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise ConfigError(min(unknown), "is not a field of a campus")
        return cls(**values)


_COUNTS = {
    "seed": (0, 2**63 - 1),
    "students": (1, 5_000_000),
    "teams": (1, 100_000),
    "colleges": (1, 1_000),
    "days": (1, 3_650),
    "end_week": (1, TERM_CYCLE_WEEKS),
}
_SHARES = {
    "activity": (0.01, 100.0),
    "at_risk_share": (0.0, 0.5),
    "unseen_share": (0.0, 1.0),
    "decoy_share": (0.0, 1.0),
    "effect_mean": (-3.0, 3.0),
    "effect_sd": (0.0, 3.0),
    "outage_rate": (0.0, 1.0),
    "late_share": (0.0, 1.0),
    "duplicate_share": (0.0, 1.0),
}


def _check_counts(config: CampusConfig) -> None:
    for name, (low, high) in _COUNTS.items():
        value = getattr(config, name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ConfigError(name, f"must be a whole number from {low} to {high}, is {value!r}")
    if config.teams < config.colleges:
        raise ConfigError("teams", "every college needs at least one team")
    if config.students < config.teams:
        raise ConfigError("students", "every team needs at least one student")


def _check_shares(config: CampusConfig) -> None:
    for name, (low, high) in _SHARES.items():
        value = getattr(config, name)
        if not isinstance(value, int | float) or not low <= value <= high:
            raise ConfigError(name, f"must lie between {low} and {high}, is {value!r}")
