"""The people and the tree: one school, its colleges, their teams, and everyone's role."""

from dataclasses import dataclass

import numpy as np

from simulator.academic import AcademicCalendar
from simulator.config import CampusConfig
from simulator.names import college_name, people
from simulator.randomness import generator, pick
from simulator.table import Ints

SCHOOL = "school"
ADVISORS_PER_TEAM = 4
PEERS_PER_TEAM = 2
COUNSELLORS_PER_COLLEGE = 2
_DOCTOR_SHARE = 0.3
_MASTER_INTAKES = np.array([0.36, 0.34, 0.30])
_DOCTOR_INTAKES = np.array([0.28, 0.27, 0.25, 0.20])
_WIDTH = 4


@dataclass(frozen=True)
class College:
    """A college; `id` is its node in the organisation tree."""

    id: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Team:
    """A research team within a college."""

    id: str
    college: int
    name: str


@dataclass(frozen=True)
class Staff:
    """An adult with a role at a node of the tree."""

    id: str
    role: str
    org: str
    family: str
    given: str
    latin: str
    team: int | None = None


@dataclass(frozen=True)
class Campus:
    """Everybody. Students are columns: index i is the same student everywhere.

    `peers` holds indices of students who are peer helpers of their own team.
    """

    config: CampusConfig
    colleges: tuple[College, ...]
    teams: tuple[Team, ...]
    staff: tuple[Staff, ...]
    numbers: tuple[str, ...]
    names: tuple[tuple[str, str, str], ...]
    team: Ints
    college: Ints
    doctor: Ints
    intake: Ints
    advisor: Ints
    peers: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.numbers)

    def degree(self, index: int) -> str:
        return "doctor" if self.doctor[index] else "master"


def build_campus(config: CampusConfig) -> Campus:
    """Draw a campus; equal configurations give equal people."""
    rng = generator(config.seed, "campus")
    year = AcademicCalendar(config).term().year
    colleges = tuple(_college(index) for index in range(config.colleges))
    teams = _teams(config, colleges)
    team = np.sort(np.arange(config.students, dtype=np.int64) % config.teams)
    college = np.array([t.college for t in teams], dtype=np.int64)[team]
    doctor = (rng.random(config.students) < _DOCTOR_SHARE).astype(np.int64)
    back = np.where(
        doctor == 1,
        pick(rng, _DOCTOR_INTAKES, config.students),
        pick(rng, _MASTER_INTAKES, config.students),
    )
    intake = year - back
    return Campus(
        config=config,
        colleges=colleges,
        teams=teams,
        staff=_staff(config, colleges, teams),
        numbers=_numbers(intake),
        names=tuple(people(rng, config.students)),
        team=team,
        college=college,
        doctor=doctor,
        intake=intake,
        advisor=team * ADVISORS_PER_TEAM + rng.integers(0, ADVISORS_PER_TEAM, config.students),
        peers=_peers(team, config.teams),
    )


def _college(index: int) -> College:
    zh, en = college_name(index)
    return College(id=f"college-{index + 1:02d}", name=zh, name_en=en)


def _teams(config: CampusConfig, colleges: tuple[College, ...]) -> tuple[Team, ...]:
    """Spread the teams evenly; a team's id tells its college."""
    owner = np.sort(np.arange(config.teams) % config.colleges).tolist()
    seen: dict[int, int] = {}
    teams = []
    for college in owner:
        seen[college] = seen.get(college, 0) + 1
        teams.append(
            Team(
                id=f"team-{college + 1:02d}-{seen[college]:02d}",
                college=college,
                name=f"{colleges[college].name}第{seen[college]}团队",
            )
        )
    return tuple(teams)


def _staff(
    config: CampusConfig, colleges: tuple[College, ...], teams: tuple[Team, ...]
) -> tuple[Staff, ...]:
    posts: list[tuple[str, str, str, int | None]] = [
        ("officer-1", "school_officer", SCHOOL, None),
        ("officer-2", "school_officer", SCHOOL, None),
        ("it-1", "it", SCHOOL, None),
    ]
    posts += [
        (f"counsellor-{c.id[8:]}-{n}", "college_counsellor", c.id, None)
        for c in colleges
        for n in range(1, COUNSELLORS_PER_COLLEGE + 1)
    ]
    posts += [
        (f"advisor-{t.id[5:]}-{n}", "advisor", colleges[t.college].id, index)
        for index, t in enumerate(teams)
        for n in range(1, ADVISORS_PER_TEAM + 1)
    ]
    names = people(generator(config.seed, "staff"), len(posts))
    return tuple(
        Staff(id=key, role=role, org=org, family=f, given=g, latin=latin, team=team)
        for (key, role, org, team), (f, g, latin) in zip(posts, names, strict=True)
    )


def _numbers(intake: Ints) -> tuple[str, ...]:
    """Return student numbers, counted from 1 an intake: `S20260001` is the first of 2026."""
    counters: dict[int, int] = {}
    width = max(_WIDTH, len(str(len(intake))) if len(intake) > 9999 else 0)  # noqa: PLR2004 - four digits
    numbers = []
    for year in intake.tolist():
        counters[year] = counters.get(year, 0) + 1
        numbers.append(f"S{year}{counters[year]:0{width}d}")
    return tuple(numbers)


def _peers(team: Ints, teams: int) -> tuple[int, ...]:
    first = np.searchsorted(team, np.arange(teams))
    last = np.searchsorted(team, np.arange(teams), side="right")
    return tuple(
        index
        for start, stop in zip(first.tolist(), last.tolist(), strict=True)
        for index in range(start, min(stop, start + PEERS_PER_TEAM))
    )
