"""T3: from an event accepted over HTTP to the assessment that covers it, all services running."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from benchmarks import open_loop
from benchmarks.figure import Figure, at_most, no_value
from benchmarks.journeys import TOPICS, Ends, Journeys, ends, read, stamp_on_append, trace
from benchmarks.load import FEED, Cards, publish, register
from benchmarks.sending import Outcomes, Spent, send
from benchmarks.stand import Process, Say, Stand, run, stand
from cli.context import SERVICES
from shared.contracts.codec import encode
from shared.contracts.event import EVENT_TYPES, FeedDay, FeedYield, Tick
from shared.contracts.topics import CAMPUS_EVENTS
from shared.kernel.campus_time import format_utc
from shared.kernel.clock import SystemClock
from shared.kernel.ids import stable_id
from shared.stream.ports import Outgoing

RATE, BATCH, SECONDS, WARM_S, STUDENTS = 2_000, 20, 20, 30, 5_000
HISTORY_DAYS, HISTORY_EACH = 28, 2
_CONNECTIONS = 256  # more than wait for an answer at a time, or waiting would count as lateness
_LATE_MS, _LEAST_FOLLOWED, _OTHERS_CORES = 20.0, 0.99, 0.3
_PAUSE_S, _DRAIN_S = 3.0, 120.0
_HANDLED = "lantern_stream_records_total"
_WHAT = "accepted over HTTP to assessment published, p99 at 2,000 events/s"
_TARGET, _P50_TARGET = 500, 150


_SETTINGS = {"ingest": {"tick_interval_s": "86400"}}  # no tick of its own amid the load
Sent = dict[str, tuple[float, float]]


def measure(say: Say) -> Figure:
    """Send 2,000 events a second in requests of 20, on a fixed schedule, after a warm-up.

    Every student has four weeks of history with a late snack, and every event is a meal, which
    lowers the share of late purchases: each changes its vector, and an assessment must follow.
    """
    with stand() as here, ExitStack() as running:
        run(stamp_on_append(here.servers))
        run(_history(here))
        services = {
            name: running.enter_context(here.service(name, **_SETTINGS.get(name, {})))
            for name in SERVICES
        }
        for service in services.values():
            service.wait_ready()
        key = run(register(here))
        run(_tell_of_feeds(here))
        start = _settled(here, services)
        outcomes, spent = send(
            here, _requests(here, key), services, step_s=BATCH / RATE, connections=_CONNECTIONS
        )
        _settled(here, services)
        log = run(read(here.servers, start))
    return _figure(say, trace(log, _accepted(outcomes)), outcomes, spent)


# --- before ---------------------------------------------------------------------------------------


def _numbers() -> list[str]:
    return [f"S{number:08d}" for number in range(STUDENTS)]


async def _history(here: Stand) -> None:
    """Give every student some weeks, so that vectors are whole and assessments are made of them."""
    pseudonym = here.pseudonymiser().pseudonym
    first = SystemClock().now().date() - timedelta(days=HISTORY_DAYS + 2)
    subjects = [pseudonym(number) for number in _numbers()]
    cards, last = Cards("history"), first + timedelta(days=HISTORY_DAYS - 1)
    days = cards.days(subjects, HISTORY_DAYS, each=HISTORY_EACH, first=first)
    await publish(here, chain(days, [[(key, cards.late_snack(key, last)) for key in subjects]]))


async def _tell_of_feeds(here: Stand) -> None:
    """Publish a tick that says every stream was whole: no value would be believed without."""
    now = SystemClock().now()
    days = [FeedDay((now - timedelta(days=n)).date().isoformat(), 1, 1.0) for n in range(90, 0, -1)]
    time_ = format_utc(now)
    tick = Tick(
        id=stable_id("tick", time_), time=time_,
        feeds=[FeedYield(FEED, list(EVENT_TYPES), "alive", days)],
    )  # fmt: skip
    sink = here.sink()
    await sink.start()
    try:
        await sink.publish(
            [
                Outgoing(CAMPUS_EVENTS.name, b"tick", encode(tick), partition=number)
                for number in range(here.partitions)
            ]
        )
    finally:
        await sink.stop()


def _settled(here: Stand, services: Mapping[str, Process]) -> Ends:
    """Wait until every service has handled all that lies before it; return where topics end.

    The counters move once a batch is published, so that a long evaluation is waited for; what
    features holds back is waited for by the pause.
    """
    deadline, before = time.monotonic() + _DRAIN_S, None
    while time.monotonic() < deadline:
        now = run(ends(here.servers))
        size = {name: sum(end for p, end in now.items() if p.topic == name) for name in TOPICS}
        events, vectors, assessments = (size[name] for name in TOPICS)
        wanted = {"features": events, "scoring": vectors, "alerts": events + assessments}
        is_done = all(services[name].metric(_HANDLED) >= count for name, count in wanted.items())
        if is_done and now == before:
            return now
        before = now
        time.sleep(_PAUSE_S)
    raise RuntimeError(f"the services did not catch up in {_DRAIN_S:g} s")


# --- the load -------------------------------------------------------------------------------------


def _requests(here: Stand, key: str) -> list[bytes]:
    cards, day = Cards("latency"), (SystemClock().now() - timedelta(days=2)).date()
    headers = {"X-API-Key": key, "Content-Type": "application/x-ndjson"}
    numbers, host = _numbers(), urlsplit(here.here.url("ingest")).netloc
    requests = []
    for n in range((SECONDS + WARM_S) * RATE // BATCH):
        subjects = [numbers[(n * BATCH + i) * 7919 % STUDENTS] for i in range(BATCH)]
        body = b"\n".join(cards.meal(subject, day) for subject in subjects)
        requests.append(open_loop.Request("/v1/events", body, headers).wire(host))
    return requests


def _accepted(outcomes: Outcomes) -> Sent:
    """Return the times of the counted events that were accepted, by id."""
    sent: Sent = {}
    for n, (_due, at, answered, status) in enumerate(outcomes):
        if n * BATCH >= WARM_S * RATE and status == 202:
            for i in range(BATCH):
                sent[f"latency-{n * BATCH + i + 1}"] = (at, answered)
    return sent


# --- after ----------------------------------------------------------------------------------------


def _figure(say: Say, journeys: Journeys, outcomes: Outcomes, spent: Spent) -> Figure:
    counted = np.array(outcomes[WARM_S * RATE // BATCH :], np.float64)
    late = (counted[:, 1] - counted[:, 0]) * 1000
    refused = int(np.count_nonzero(counted[:, 3] != 202))
    late_p99 = float(np.percentile(late, 99))
    say(f"sender: lateness p99 {late_p99:.1f} ms, worst {late.max():.1f} ms, {refused} refused")
    us = spent.us_each((SECONDS + WARM_S) * RATE)
    followed = len(journeys.times)
    total = followed + journeys.unfollowed
    detail: dict[str, Any] = {
        "events_followed": followed,
        "events_without_an_assessment": journeys.unfollowed,
        "requests_refused": refused,
        "sender_late_p99_ms": round(late_p99, 1),
        "sender_late_worst_ms": round(float(late.max()), 1),
        "cores_used": spent.cores,
        "cores_used_by_others": spent.others,
        "processor_us_an_event": us,
    }
    say(f"cores used: {spent.cores}, by others {spent.others}")
    say(f"processor us an event: {us}")
    why = _why_invalid(late_p99, refused, followed / total if total else 0.0, spent.others)
    if followed:
        detail |= _latencies(say, journeys)
    if why:
        say(f"no valid value: {why}")
        return no_value("T3", _WHAT, why, target=_TARGET, unit="ms", **detail)
    p99 = detail["accepted_to_assessed_ms"]["p99"]
    return at_most("T3", _WHAT, p99, target=_TARGET, unit="ms", p50_target_ms=_P50_TARGET, **detail)


def _why_invalid(late_p99: float, refused: int, followed: float, others: float) -> str:
    if others > _OTHERS_CORES:
        return f"other work took {others:.2f} cores of the machine, {_OTHERS_CORES:g} are allowed"
    if late_p99 >= _LATE_MS:
        return f"the sender was {late_p99:.0f} ms late at p99, of {_LATE_MS:.0f} allowed"
    if refused:
        return f"{refused} requests were refused"
    if followed < _LEAST_FOLLOWED:
        return f"only {followed:.1%} of the events were followed by an assessment"
    return ""


def _latencies(say: Say, journeys: Journeys) -> dict[str, Any]:
    whole = journeys.accepted_to_assessed_ms().clip(min=0.0)
    found: dict[str, Any] = {
        "accepted_to_assessed_ms": _spread(whole),
        "sent_to_assessed_ms": _spread(journeys.sent_to_assessed_ms()),
        "stages_ms": {name: _spread(ms) for name, ms in journeys.stages_ms().items()},
        "p50_ms_by_fifth_of_the_run": [
            round(float(np.median(part)), 1)
            for part in np.array_split(whole[np.argsort(journeys.times[:, 0])], 5)
            if len(part)
        ],
    }
    for name in ("accepted_to_assessed_ms", "sent_to_assessed_ms"):
        say(f"{name}: {found[name]}")
    for name, spread in found["stages_ms"].items():
        say(f"  {name}: {spread}")
    say(f"p50 by fifth of the run: {found['p50_ms_by_fifth_of_the_run']}")
    return found


def _spread(ms: NDArray[np.float64]) -> dict[str, float]:
    values = np.percentile(ms, [50, 90, 99, 100]).tolist()
    return {
        name: round(value, 1)
        for name, value in zip(("p50", "p90", "p99", "max"), values, strict=True)
    }
