"""The promises of the state: order, batches, repeats, partitions and restarts change nothing."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.feature_log import (
    MemoryCheckpoints,
    a_service,
    a_tick,
    batches,
    digest_of,
    run,
)
from tests.helpers.feature_strategies import some_events

from features.domain.state import APPLIED, DEAD, DUPLICATE, LATE
from features.service import FeatureService, Part
from shared.contracts.features import FeatureVector

cuts = st.lists(st.integers(0, 1000), max_size=6)


def _total(service: FeatureService, status: int) -> int:
    return sum(counts[status] for counts in service.counts().values())


def _play(service: FeatureService, log: list[bytes], at: list[int]) -> None:
    for first, part in batches(log, at):
        run(service, part, start=first)


@given(some_events(days=12), st.randoms(), cuts, st.data())
def test_order_batches_and_repeats_change_nothing(
    events: list[bytes], random: Random, at: list[int], data: st.DataObject
) -> None:
    """Any permutation, cut into batches, with repeats within the horizon gives equal bits."""
    plain, other = a_service(), a_service()
    closing = a_tick(13)
    run(plain, [*events, closing])
    repeats = data.draw(st.lists(st.sampled_from(events), max_size=10))
    mixed = [*events, *repeats]
    random.shuffle(mixed)
    _play(other, [*mixed, closing], at)
    assert digest_of(other) == digest_of(plain)
    assert _total(other, APPLIED) == _total(plain, APPLIED) == len(events)
    assert _total(other, DUPLICATE) == len(repeats)


@given(some_events(days=400), st.randoms(), cuts)
def test_order_changes_nothing_when_time_leaves_the_ring(
    events: list[bytes], random: Random, at: list[int]
) -> None:
    """Events older than the ring are late or fall out of it: the state is the same either way."""
    plain, other = a_service(), a_service()
    closing = a_tick(401)
    run(plain, [*events, closing])
    mixed = list(events)
    random.shuffle(mixed)
    _play(other, [*mixed, closing], at)
    assert digest_of(other) == digest_of(plain)
    for service in (plain, other):
        assert _total(service, APPLIED) + _total(service, LATE) == len(events)
        assert _total(service, DEAD) == 0


@given(some_events(days=200), cuts, cuts)
def test_counts_and_refusals_depend_on_the_log_alone(
    events: list[bytes], one: list[int], two: list[int]
) -> None:
    """The same log in other batches applies, refuses and counts the same records."""
    outcomes = []
    for at in (one, two):
        service = a_service()
        refused = [
            refusal
            for first, part in batches([*events, *events[:3], a_tick(201)], at)
            for refusal in run(service, part, start=first).refused
        ]
        outcomes.append((sorted(refused, key=lambda r: r.offset), service.counts()))
    assert outcomes[0] == outcomes[1]


@given(some_events(days=40, most=30), cuts, cuts)
def test_ticks_publish_the_same_vectors_for_any_batching(
    events: list[bytes], one: list[int], two: list[int]
) -> None:
    """With `ticks`, the published sequence is a function of the log, ids included."""
    log = [
        *events[:10],
        a_tick(5),
        *events[10:20],
        a_tick(20),
        a_tick(20),
        *events[20:],
        a_tick(41),
    ]
    published = []
    for at in (one, two):
        service = a_service("ticks")
        published.append(
            [v for first, part in batches(log, at) for v in run(service, part, start=first).vectors]
        )
    assert published[0] == published[1]
    assert max(Counter(v.id for v in published[0]).values()) == 1


@given(some_events(days=150, most=30), cuts, cuts)
def test_a_restart_from_any_checkpoint_changes_nothing(
    events: list[bytes], at: list[int], saves: list[int]
) -> None:
    """Killed anywhere and started from the last checkpoint, a worker ends in equal bits."""
    log = [*events[:15], a_tick(60), *events[15:], *events[:5], a_tick(151)]
    whole, store = a_service(), MemoryCheckpoints()
    vectors = list(run(whole, log).vectors)
    service = a_service()
    service.load(0, None)
    saved_to = 0
    again: list[FeatureVector] = []
    for place in sorted({cut % len(log) for cut in [*at, *saves]}):
        offset = service.states[0].position + 1
        again += run(service, log[offset:place], start=offset).vectors
        if place in {cut % len(log) for cut in saves}:
            store.save(service.snapshot([0]))
            saved_to = place
        service = a_service()  # killed: what was not saved is gone
        service.load(0, store.load(0))
        assert service.states[0].position + 1 <= saved_to
    offset = service.states[0].position + 1
    again += run(service, log[offset:], start=offset).vectors
    assert digest_of(service) == digest_of(whole)
    assert service.counts() == whole.counts()
    assert {v.id: v for v in again} == {v.id: v for v in vectors}


@given(some_events(days=30), st.integers(2, 4))
def test_the_number_of_partitions_does_not_show(events: list[bytes], partitions: int) -> None:
    """Students spread over more partitions give the same digests after a closing tick."""
    one, many = a_service(), a_service()
    run(one, [*events, a_tick(31)])
    logs: list[list[bytes]] = [[] for _ in range(partitions)]
    for event in events:
        logs[event.index(b"p1:") and sum(event[event.index(b"p1:") :][:4]) % partitions].append(
            event
        )
    for number, log in enumerate(logs):
        many.load(number, None)
        many.handle([Part(number, list(range(len(log) + 1)), [*log, a_tick(31)])])
    assert digest_of(many) == digest_of(one)
