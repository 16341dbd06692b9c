"""Ids that were seen."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.seen import SeenSet, digest_of, unpack

TODAY = date(2026, 9, 14)


@given(st.lists(st.tuples(st.text(), st.text()), unique=True, max_size=50))
def test_digests_tell_sources_and_ids_apart(pairs: list[tuple[str, str]]) -> None:
    """Different pairs have different digests, of one length, and survive packing."""
    clean = [(s.replace("\x1f", ""), i.replace("\x1f", "")) for s, i in pairs]
    unique = list(dict.fromkeys(clean))
    digests = [digest_of(*pair) for pair in unique if max("".join(pair) or "a") < "\ud800"]
    assert len(set(digests)) == len(digests)
    assert unpack(b"".join(digests)) == digests


def test_ids_are_forgotten_after_the_horizon_and_not_before() -> None:
    """A day is remembered for the horizon's length, by the day of receipt."""
    seen = SeenSet(horizon_days=7, most=1000)
    old, kept = digest_of("s", "old"), digest_of("s", "kept")
    seen.add(TODAY - timedelta(days=8), [old])
    seen.add(TODAY - timedelta(days=7), [kept])
    assert seen.forget(TODAY) == [TODAY - timedelta(days=8)]
    assert old not in seen
    assert kept in seen


def test_the_oldest_days_go_when_there_are_too_many_but_never_today() -> None:
    """The limit on memory costs the oldest days of the horizon."""
    seen = SeenSet(horizon_days=30, most=2)
    for age in (2, 1, 0):
        seen.add(TODAY - timedelta(days=age), [digest_of("s", f"{age}-{n}") for n in range(3)])
    assert seen.forget(TODAY) == [TODAY - timedelta(days=2), TODAY - timedelta(days=1)]
    assert len(seen) == 3
