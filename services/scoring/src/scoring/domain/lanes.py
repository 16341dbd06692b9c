"""Lanes: a bundle at work on the features topic, as champion or as shadow."""

from dataclasses import dataclass

from scoring.domain.standing import Standing

CHAMPION = "champion"
_NAME_LENGTH, _PRINT_LENGTH = 24, 12


@dataclass(frozen=True)
class Candidate:
    """A bundle's folder: its name, and the fingerprint of what is in it."""

    name: str
    fingerprint: str


@dataclass(frozen=True)
class Lane:
    """One bundle's own consumer group and rows; only the champion's assessments are published.

    `digest` is the content that the log made champion, empty where any that verifies serves.
    """

    key: str
    bundle: str
    revision: int = 0
    is_champion: bool = False
    is_suspended: bool = False
    digest: str = ""

    @property
    def group(self) -> str:
        """Return the consumer group: a new revision begins at the start of the topic."""
        suffix = f"-r{self.revision}" if self.revision else ""
        return f"lantern.scoring.{self.key}{suffix}.v1"


def champion_lane(now: Standing, key: str = CHAMPION) -> Lane:
    return Lane(
        key,
        now.champion,
        now.revision,
        is_champion=True,
        is_suspended=now.is_suspended,
        digest=now.digest,
    )


def shadow_lane(candidate: Candidate) -> Lane:
    """Return the lane of a content: another content of the same name assesses everybody anew."""
    name, print_ = candidate.name[:_NAME_LENGTH], candidate.fingerprint[:_PRINT_LENGTH]
    return Lane(f"s-{name}-{print_}", candidate.name)


def lanes_of(now: Standing, candidates: list[Candidate], key: str = CHAMPION) -> list[Lane]:
    """Return the champion's lane, then one for each other bundle."""
    shadows = [shadow_lane(one) for one in candidates if one.name != now.champion]
    return [champion_lane(now, key), *shadows]
