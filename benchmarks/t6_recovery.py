"""T6: `kill -9` of the feature worker with 50,000 students: how long until it has caught up."""

import time
from datetime import timedelta

from benchmarks.figure import Figure, at_most
from benchmarks.load import FIRST_DAY, Cards, pseudonyms, publish
from benchmarks.stand import Process, Say, run, stand

STUDENTS, DAYS, MISSED = 50_000, 21, 20_000
_HANDLED = "lantern_stream_records_total"


def measure(say: Say) -> Figure:
    """Build three weeks of state, kill, let more events come, start again."""
    with stand() as here:
        cards, subjects = Cards("recovery"), pseudonyms(STUDENTS)
        built = run(publish(here, cards.days(subjects, DAYS)))
        with here.service("features", flush="ticks") as features:
            _wait_handled(features, built)
            saves = features.metric("lantern_stream_saves_total")
            day = FIRST_DAY + timedelta(days=DAYS - 1)
            part = subjects[:MISSED]
            late = run(publish(here, iter([[(key, cards.event(key, day)) for key in part]])))
            features.wait_for(
                lambda: features.metric("lantern_stream_saves_total") > saves, "a checkpoint", 30
            )
            _wait_handled(features, built + late)
            features.kill()
        say(f"killed with {STUDENTS:,} students and {built + late:,} events handled")
        missed = run(publish(here, iter([[(key, cards.event(key, day)) for key in part]])))
        began = time.monotonic()
        with here.service("features") as features:
            features.wait_ready()
            ready = time.monotonic() - began
            _wait_handled(features, missed)
            took = time.monotonic() - began
            again = features.metric(_HANDLED) - missed
            vectors = features.metric("lantern_stream_published_total")
    return at_most(
        "T6",
        "kill -9 of features with 50,000 students, until ready and caught up",
        took,
        target=10,
        unit="s",
        ready_s=round(ready, 2),
        events_missed=missed,
        events_read_again=int(again),
        vectors_published=int(vectors),
        days=DAYS,
    )


def _wait_handled(features: Process, records: int) -> None:
    def is_done() -> bool:
        time.sleep(0.05)
        handled = features.metric(_HANDLED) >= records
        return handled and features.metric("lantern_stream_lag_records") == 0

    features.wait_for(is_done, f"{records} records", 120)
