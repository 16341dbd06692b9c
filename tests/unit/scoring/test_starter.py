"""The bundle that ships: it serves today's catalogue, and its script makes it."""

import csv
import json
from datetime import timedelta
from pathlib import Path

import pytest
from tools.build_starter_bundle import (
    DAYS,
    HOME,
    JUDGING,
    LEARNING,
    NAME,
    WATCHING,
    Campus,
    by_groups,
    data_set,
)
from tools.simulated_terms import write_groups

from scoring import runtime
from scoring.config import Settings
from scoring.domain.inputs import inputs_of
from shared.bundle.keys import read_trusted
from shared.features.catalogue import CATALOGUE, catalogue_hash
from simulator.campus import build_campus
from simulator.roster import roster_files
from simulator.simulation import simulate

FLOOR = 10  # students in a cell that is shown
FEATURES = [one.id for one in CATALOGUE]


@pytest.fixture(scope="module")
def starter() -> runtime.OnnxModel:
    settings = Settings()
    trusted = read_trusted(settings.trusted_keys_file)
    assert settings.bundle_dir == HOME / NAME
    return runtime.load(settings.bundle_dir, trusted, catalogue=catalogue_hash(), features=FEATURES)


def test_the_shipped_bundle_serves_this_catalogue(starter: runtime.OnnxModel) -> None:
    """Whoever changes the catalogue rebuilds: `python -m tools.build_starter_bundle`."""
    assert starter.manifest.features == FEATURES
    assert starter.manifest.data.kind == "simulated"


def test_its_card_says_what_it_is(starter: runtime.OnnxModel) -> None:
    """Simulated students, no real person, not beaten baselines: in words."""
    assert "simulated students only" in starter.card
    assert "logistic" in starter.card
    assert not any(word in starter.card for word in ("/work", "/home", "/tmp"))  # noqa: S108 - no path


def test_everything_missing_is_an_ordinary_question(starter: runtime.OnnxModel) -> None:
    """A student of whom nothing is known has a low, finite probability."""
    row = [None] * len(FEATURES)
    inputs = inputs_of([row], [row], [[0.0] * len(FEATURES)], len(FEATURES))
    chance = starter.run(inputs, explain=True).probability[0]
    assert 0.0 < chance < starter.manifest.thresholds.orange


def test_the_terms_it_learns_from_and_is_judged_on_never_meet() -> None:
    """Other seeds, and the judged term begins after the learning one has ended."""
    learning, judging = [*LEARNING, *WATCHING], list(JUDGING)
    assert not {one.seed for one in learning} & {one.seed for one in judging}
    assert len({one.name for one in (*learning, *judging)}) == len(learning) + len(judging)
    begins = min(one.end for one in judging) - timedelta(days=DAYS)
    assert max(one.end for one in learning) < begins


def test_its_report_shows_every_college_and_intake(starter: runtime.OnnxModel) -> None:
    """Each has figures with intervals or is hidden for few students, and gaps are named."""
    report = json.loads((HOME / NAME / "report.json").read_text(encoding="utf-8"))
    [judged] = report["evaluations"]
    columns = {one["column"]: one for one in judged["groups"]}
    assert set(columns) == {"college", "intake"}
    rosters = [build_campus(one.config()) for one in JUDGING]
    for name, known in (
        ("college", {one.id for campus in rosters for one in campus.colleges}),
        ("intake", {str(year) for campus in rosters for year in campus.intake.tolist()}),
    ):
        rows = columns[name]["groups"]
        assert {row["group"] for row in rows} == known
        shown = [row for row in rows if row["suppressed"] != "all"]
        assert len(shown) > 1
        assert all(row["students"] >= FLOOR for row in shown)
        assert all(row["alerts_per_10000"]["high"] > 0 for row in shown)
        assert {gap["metric"] for gap in columns[name]["gaps"]} >= {"ppv", "recall", "prevalence"}
    assert any("no gender" in one["en"] for one in report["unknown"])
    assert starter.manifest.model == report["context"]["model"]


def test_groups_are_those_of_the_rosters(tmp_path: Path) -> None:
    """Each student of each campus once, by the name that the data sets use."""
    config = Campus("t", 9, 60, LEARNING[0].end).config()
    write_groups([("t", config), ("u", config)], tmp_path / "groups.csv")
    rows = list(csv.DictReader((tmp_path / "groups.csv").read_text().splitlines()))
    users = csv.DictReader(roster_files(simulate(config))["users.csv"].decode().splitlines())
    intakes = {u["identifier"]: u["metadata.lantern.intake"] for u in users}
    assert len({row["student"] for row in rows}) == len(rows) == 120
    for row in rows:
        assert row["intake"] == intakes[row["student"].partition(":")[2]]
    assert {row["college"] for row in rows} == {f"college-{n:02d}" for n in range(1, 9)}


def test_the_report_is_told_of_groups_names_and_limits(tmp_path: Path) -> None:
    """The training hears where groups stand, what each college is called, and of no gender."""
    words = by_groups(list(JUDGING), tmp_path / "groups.csv")
    assert words[:2] == ["--groups", str(tmp_path / "groups.csv")]
    assert words.count("--called") == JUDGING[0].config().colleges
    assert "College of Star Charts" in words
    assert any("no gender" in word for word in words)
    known = (tmp_path / "groups.csv").read_text().splitlines()
    assert len(known) == 1 + sum(one.students for one in JUDGING)


def test_a_simulated_term_becomes_a_data_set(tmp_path: Path) -> None:
    """Every week a row a student, labels of both kinds, no leak, the history left behind gone."""
    campus = Campus("t", 9, 60, LEARNING[0].end, ("network",))
    folder = data_set(campus, tmp_path / "t")
    document = json.loads((folder / "dataset.json").read_text())
    assert document["catalogue"] == catalogue_hash()
    assert not document["findings"]
    assert all(one["rows"] for one in document["parts"].values())
    rows = list(csv.DictReader((folder / "train.csv").read_text().splitlines()))
    assert {row["night_net_minutes"] for row in rows} == {""}
    assert any(row["breakfast_rate"] for row in rows)
    write_groups([(campus.name, campus.config())], tmp_path / "groups.csv")
    known = csv.DictReader((tmp_path / "groups.csv").read_text().splitlines())
    assert {row["student"] for row in rows} <= {row["student"] for row in known}
    assert not (tmp_path / "t" / "features.db").exists()
