"""Reading and planning rosters as pure functions."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.directory_service import PSEUDONYMS, VAULT
from tests.helpers.rosters import FILES, encoded, replaced, zipped

from directory.domain.roster.archive import unpack
from directory.domain.roster.plan import Known, Plan, make_plan
from directory.domain.roster.read import read_roster
from directory.domain.roster.report import OUTCOMES, Report
from shared.kernel.errors import RuleBrokenError, TooLargeError

CELLS = st.one_of(
    st.sampled_from(
        ["u1", "c1", "t1", "s-ann", "active", "tobedeleted", "student", "teacher", "school",
         "department", "2026-09-01", "true", "delta", "file.users", "", "x" * 600, "a\0b"]
    ),
    st.text(max_size=8),
)  # fmt: skip


def plan_of(files: dict[str, bytes], known: Known | None = None) -> tuple[Report, Plan]:
    known = known or Known()
    roster = read_roster(files, known.nodes, known.people, VAULT)
    return roster.report, make_plan(roster, known, VAULT, PSEUDONYMS.pseudonym)


def known_after(plan: Plan) -> Known:
    return Known(
        nodes={node.id: node for node in plan.nodes},
        people={item.person.id: item.person for item in plan.people},
        assignments=frozenset(plan.assignments),
        calendar=frozenset(plan.calendar or ()),
    )


def test_a_plan_that_was_carried_out_leaves_nothing_to_do() -> None:
    """Planning the same set against its own result writes nothing."""
    _, first = plan_of(encoded())
    report, second = plan_of(encoded(), known_after(first))
    assert (second.nodes, second.people, second.left) == ([], [], [])
    assert (second.assignments, second.dropped) == ([], [])
    assert sum(file.counts["inserted"] for file in report.files.values()) == 0


@given(
    st.sampled_from([name for name in FILES if name != "manifest.csv"]),
    st.lists(st.lists(CELLS, min_size=1, max_size=9), max_size=6),
)
def test_any_lines_are_counted_once(file: str, lines: list[list[str]]) -> None:
    """Whatever is added to a file, each line read is counted in exactly one place."""
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    files = encoded() | {file: (FILES[file] + text.getvalue()).encode(errors="replace")}
    report, _ = plan_of(files)
    kinds = [kind for kind in OUTCOMES if kind != "removed"]
    for name, one in report.files.items():
        if name != "manifest.csv" and not any(
            fault.file == name and fault.reason in {"not_csv", "column_missing", "not_utf8"}
            for fault in report.faults
        ):
            assert one.read == sum(one.counts[kind] for kind in kinds), name


@given(st.dictionaries(st.sampled_from(list(FILES)), st.binary(max_size=200)))
def test_any_bytes_are_read_without_failing(files: dict[str, bytes]) -> None:
    """Files of arbitrary bytes give a report, never an exception."""
    plan_of(encoded() | files)


@given(st.binary(max_size=300))
def test_any_bytes_are_no_zip_bomb(data: bytes) -> None:
    """Arbitrary bytes are refused as no zip and never fail in another way."""
    with pytest.raises(RuleBrokenError):
        unpack(data)


def test_a_zip_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """More members or bytes than a roster has are refused while unpacking."""
    assert set(unpack(zipped(folder="export/2026/"))) == set(FILES)
    with pytest.raises(TooLargeError):
        unpack(zipped({f"{n}.csv": "" for n in range(65)}))
    monkeypatch.setattr("directory.domain.roster.archive.MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(TooLargeError):
        unpack(zipped({"users.csv": "0" * 2000}))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("oneroster.version,1.2", "oneroster.version,2.0", ("value", "unsupported_version")),
        ("file.users,bulk", "file.users,maybe", ("value", "unknown_mode")),
        ("file.orgs,bulk", "file.roles,bulk", ("propertyName", "announced_file_missing")),
    ],
)
def test_a_wrong_manifest_is_reported(old: str, new: str, fault: tuple[str, str]) -> None:
    """A version, mode or file that is not right is named."""
    report, _ = plan_of(encoded(replaced("manifest.csv", old, new)))
    assert [(one.column, one.reason) for one in report.faults] == [fault]


def test_a_tree_by_departments_alone_works() -> None:
    """Teams may be organisations of the third level instead of classes."""
    orgs = FILES["orgs.csv"] + "t7,active,组,department,c1,\nt8,active,深,department,t7,\n"
    report, plan = plan_of(encoded({**FILES, "orgs.csv": orgs}))
    assert {node.id: node.kind for node in plan.nodes}["t7"] == "team"
    assert [(f.line, f.reason) for f in report.faults] == [(6, "too_deep_or_circular")]


def test_a_circle_of_units_is_refused() -> None:
    """Units that are each other's parents are rejected, both."""
    orgs = FILES["orgs.csv"] + "x1,active,甲,department,x2,\nx2,active,乙,department,x1,\n"
    report, _ = plan_of(encoded({**FILES, "orgs.csv": orgs}))
    assert {f.reason for f in report.faults} == {"too_deep_or_circular"}
    assert len(report.faults) == 2
