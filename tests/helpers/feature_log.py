"""A small campus as a log of encoded records, and the feature service driven by hand."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from features.domain import digests
from features.domain.checkpoint import Snapshot
from features.domain.emission import Flush, FlushRule
from features.service import FeatureService, Outcome, Part, Rules
from shared.contracts import event as e
from shared.contracts.codec import encode
from shared.contracts.student import Mask, StudentFacts
from shared.kernel.campus_time import format_utc

FIRST = datetime(2026, 9, 1, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai, day 20_697
TYPES = [str(kind.__struct_config__.tag) for kind in e.EVENT_CLASSES]


def at(days: float = 0, minutes: float = 0) -> str:
    """Return a wire time so far after the first morning."""
    return format_utc(FIRST + timedelta(days=days, minutes=minutes))


def an_event(
    kind: type[Any] = e.CardSwiped,
    data: Any = None,
    *,
    id: str = "1",  # noqa: A002 - the contract's word
    student: str = "p1:a",
    time: str | None = None,
    source: str = "campus/test",
    feed: str = "card",
    **more: Any,
) -> bytes:
    """Encode one event."""
    data = data if data is not None else e.CardSwipe(merchant="meal", amount=12.5)
    return encode(
        kind(id=id, source=source, subject=student, time=time or at(), feed=feed, data=data, **more)
    )


def a_tick(days: float, *, feeds: Sequence[e.FeedYield] | None = None, share: float = 1.0) -> bytes:
    """Encode a tick so many days after the first morning; by default all feeds were alive."""
    told = [alive(days, share=share)] if feeds is None else list(feeds)
    return encode(e.Tick(id=f"tick-{days}", time=at(days), feeds=told))


def alive(days: float, *, share: float = 1.0, back: int = 60, state: str = "alive") -> e.FeedYield:
    """Return one feed of all types that delivered `share` on each of the last days."""
    today = (FIRST + timedelta(days=days)).date()
    return e.FeedYield(
        feed="all",
        types=TYPES,
        state=state,  # type: ignore[arg-type]
        days=[
            e.FeedDay(day=(today - timedelta(days=n)).isoformat(), received=9, yield_share=share)
            for n in range(back)
        ],
    )


def facts(student: str, *, masks: Sequence[Mask] = (), enrolled: bool = True) -> StudentFacts:
    """Return facts of one student of college c1."""
    return StudentFacts(
        student=student, school="s1", college="c1", team="t1", enrolled=enrolled,
        degree="master", intake=2025, masks=list(masks), updated_at=at(), version=1,
    )  # fmt: skip


def a_service(
    flush: Flush = "ticks", *, dedup_days: int = 14, zone: str = "Asia/Shanghai"
) -> FeatureService:
    """Return a service that owns nothing yet; its monotonic clock stands still."""
    rules = Rules(ZoneInfo(zone), dedup_days=dedup_days, flush=FlushRule(flush))
    return FeatureService(rules, lambda: 0.0, b"secret")


def run(
    service: FeatureService, values: Sequence[bytes | None], *, partition: int = 0, start: int = 0
) -> Outcome:
    """Apply records of one partition as one batch."""
    if partition not in service.states:
        service.load(partition, None)
    offsets = range(start, start + len(values))
    return service.handle([Part(partition, list(offsets), list(values))])


def digest_of(service: FeatureService) -> tuple[str, str]:
    """Return the digests of aggregates and vectors."""
    states = list(service.states.values())
    return digests.aggregates(service.pool, states), digests.vectors(service.pool, states)


def batches(values: Sequence[bytes], cuts: Iterable[int]) -> list[tuple[int, list[bytes]]]:
    """Cut a log at places; return (first offset, records) of each piece."""
    places = sorted({0, len(values), *(cut % (len(values) + 1) for cut in cuts)})
    return [(low, list(values[low:high])) for low, high in pairwise(places)]


class MemoryCheckpoints:
    """What the tables hold, in memory: snapshots merged as the repository merges them."""

    def __init__(self) -> None:
        self._parts: dict[int, dict[str, Any]] = {}

    def save(self, snapshots: Iterable[Snapshot]) -> None:
        for one in snapshots:
            kept = self._parts.setdefault(
                one.partition, {"students": {}, "days": {}, "rows": {}, "keys": {}}
            )
            kept["meta"] = one.meta
            kept["students"].update(one.students)
            kept["days"].update({(d.day, d.block): d for d in one.days})
            kept["rows"].update(one.rows)
            for chunk in one.keys:
                place = chunk.is_arrival, chunk.day
                if chunk.replaces:
                    kept["keys"][place] = []
                kept["keys"].setdefault(place, []).append(chunk)
            kept["keys"] = {k: v for k, v in kept["keys"].items() if k[1] >= one.oldest_key_day}

    def load(self, partition: int) -> Snapshot | None:
        kept = self._parts.get(partition)
        if kept is None:
            return None
        return Snapshot(
            partition,
            kept["meta"],
            students=list(kept["students"].items()),
            days=list(kept["days"].values()),
            rows=list(kept["rows"].items()),
            keys=[chunk for chunks in kept["keys"].values() for chunk in chunks],
        )
