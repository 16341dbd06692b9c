"""Reading and refusing policies."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.alerts import POLICY_FILE, ROOT, a_policy

from alerts.readers.policy_file import check_policy, load_policy, parse_policy
from shared.kernel.errors import ConfigError

GOOD = POLICY_FILE.read_text()


def faults_of(text: str) -> list[str]:
    policy, faults = parse_policy(text.encode(), "p.yaml")
    assert (policy is None) == bool(faults)
    return faults


def test_the_shipped_policy_is_valid() -> None:
    """The default policy loads, is marked as a proposal and gives red no threshold."""
    policy = a_policy()
    assert policy.approved_by is None
    assert "proposal" in policy.version
    assert set(policy.bands) == {"blue", "yellow", "orange"}
    assert policy.bands["yellow"].sustained == timedelta(days=3)
    assert policy.levels["yellow"].tiers == ("college", "team")
    assert policy.levels["red"].escalation[0].by_phone


CASES = [
    ("rise_at: 0.25", "rise_at: 1.25", "bands.yellow.rise_at: expected a number from 0 to 1"),
    ("rise_at: 0.25", "rise_at: 0.05", "bands.yellow.rise_at: is not above the level before"),
    ("fall_below: 0.18", "fall_below: 0.9", "bands.yellow.fall_below: is above rise_at"),
    ("sustained: 3d", "sustained: soon", "bands.yellow.sustained: expected a duration"),
    ("red_clock:", "red_clok:", "red_clok: is not a key of the policy"),
    ("[college, team]", "[collage]", "levels.yellow.tiers: 'collage' is not one of"),
    ("[college, team]", "[]", "levels.yellow.tiers: nobody would be told"),
    ("sees: [request]", "sees: [request, level]", "tiers.team.sees: 'level' is not one of"),
    ("roles: [school_officer]", "roles: [king]", "tiers.school.roles: 'king' is not one of"),
    ("  orange:\n    names", "  purple:\n    names", "levels.purple: is not a level"),
    ("format: 1", "format: 2", "format: this program reads format 1"),
    ("bands:", "bands:\n  red: {rise_at: 0.9, fall_below: 0.8}", "bands.red: has no threshold"),
    ("clean_reviews_to_fall: 2", "clean_reviews_to_fall: 1", "expected a number from 2 to 20"),
    ("by_phone: true", "by_phone: perhaps", "by_phone: expected true or false"),
    ("{zh: 红·危机, en: Red · crisis}", "{en: Red}", "levels.red.names: expected a name in zh"),
    ("version:", "version: a\nversion:", "version: is given twice"),
]


@pytest.mark.parametrize(("old", "new", "expected"), CASES)
def test_each_fault_is_named_with_line_and_key(old: str, new: str, expected: str) -> None:
    """A fault names the file, its line and the key, and says what is expected."""
    assert old in GOOD
    changed = GOOD.replace(old, new, 1)
    found = faults_of(changed)
    match = next((fault for fault in found if expected in fault), None)
    assert match is not None, found
    name, line, _ = match.split(":", 2)
    assert name == "p.yaml"
    assert 1 <= int(line) <= changed.count("\n") + 1


def test_red_may_not_wait() -> None:
    """A policy that holds red in quiet hours or in a digest is refused."""
    head, red = GOOD.split("  red:\n    names", 1)
    changed = (
        head + "  red:\n    names" + red.replace("quiet_hours: bypass", "quiet_hours: hold", 1)
    )
    assert any("red waits for nothing" in fault for fault in faults_of(changed))


@pytest.mark.parametrize("text", ["", "[]", "a: [", "\x00", "format: 1", "{1: 2}", "a: &a [*a]"])
def test_what_is_no_policy_is_refused(text: str) -> None:
    """Broken YAML and documents of another shape give faults, not exceptions."""
    assert faults_of(text)


@given(st.integers(0, 4000), st.sampled_from(["", "x", ":", "[", "-1", "\n", "null", "1e9", "é"]))
def test_no_mutation_breaks_the_reader(place: int, piece: str) -> None:
    """A policy altered anywhere is read or refused with reasons; nothing else happens."""
    cut = min(place, len(GOOD))
    faults_of(GOOD[:cut] + piece + GOOD[cut + len(piece) :])


def test_a_missing_file_is_a_config_error(tmp_path: Path) -> None:
    """Loading a file that is not there ends with one readable line."""
    assert check_policy(tmp_path / "none.yaml")[0] is None
    with pytest.raises(ConfigError, match="cannot be read"):
        load_policy(tmp_path / "none.yaml")


def test_the_shipped_policy_rises_where_the_shipped_model_cuts() -> None:
    """The default policy and the starter bundle name the same thresholds, made for one budget."""
    shipped = yaml.safe_load((ROOT / "policies" / "default.yaml").read_text(encoding="utf-8"))
    bundle = ROOT / "services/scoring/src/scoring/bundles/starter/manifest.json"
    cuts = json.loads(bundle.read_text(encoding="utf-8"))["thresholds"]
    assert {name: band["rise_at"] for name, band in shipped["bands"].items()} == cuts
