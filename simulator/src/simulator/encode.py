"""Tables to CloudEvents in JSON, a few microseconds an event.

Written by hand because an object an event would cost three times as much; a test decodes every
type with the strict contract decoder, so that this cannot drift from it.
"""

from collections.abc import Callable, Sequence

import numpy as np

from simulator.feeds import FEEDS
from simulator.table import Column, Ints, Table


class EventEncoder:
    """Encodes rows for one audience.

    `subjects[i]` names student i: the student number for ingest, a pseudonym for what ingest would
    publish. `feed_attribute` adds the attribute `feed`, as ingest does.
    """

    def __init__(
        self, subjects: Sequence[str], *, run: str, domain: str, feed_attribute: bool = False
    ) -> None:
        self._subjects = np.array(subjects, dtype=object)
        self._run = run
        self._domain = domain
        self._feed_attribute = feed_attribute

    def encode(self, rows: Table) -> list[bytes]:
        """Return one JSON document a row, in the order of the rows."""
        feed = FEEDS[rows.feed]
        head = f'{{"type":"{rows.kind}","specversion":"1.0","id":"{feed.name}-{self._run}-'
        source = f'","source":"{feed.source(self._domain)}","subject":"'
        tail = ',"timeprecision":"day"' if rows.kind in _DAY_PRECISION else ""
        if self._feed_attribute:
            tail += f',"feed":"{feed.name}"'
        tail += ',"data":{'
        return [
            f'{head}{day}-{number}{source}{subject}","time":"{time}Z"{tail}{data}}}}}'.encode()
            for day, number, subject, time, data in zip(
                rows.day.tolist(),
                rows.number.tolist(),
                self._subjects[rows.student].tolist(),
                _times(rows.time),
                _DATA[rows.kind](rows),
                strict=True,
            )
        ]


def _times(seconds: Ints) -> list[str]:
    text: list[str] = np.datetime_as_string(seconds.astype("datetime64[s]")).tolist()
    return text


def _columns(rows: Table, *names: str) -> zip:  # type: ignore[type-arg]
    return zip(*(rows.fields[name].tolist() for name in names), strict=True)


def _card(rows: Table) -> list[str]:
    return [
        f'"merchant":"{m}","amount":{a},"device":"{d}"'
        for m, a, d in _columns(rows, "merchant", "amount", "device")
    ]


def _gate(rows: Table) -> list[str]:
    return [
        f'"gate":"{g}","place":"{p}","direction":"{d}"' + ("" if ok else ',"granted":false')
        for g, p, d, ok in _columns(rows, "gate", "place", "direction", "granted")
    ]


def _loan(rows: Table) -> list[str]:
    return [f'"action":"{a}","items":{n}' for a, n in _columns(rows, "action", "items")]


def _network(rows: Table) -> list[str]:
    names = ("building", "bytes_up", "bytes_down", "entertainment_minutes")
    return [
        f'"end":"{end}Z","building":"{b}","bytes_up":{up},"bytes_down":{down},'
        f'"entertainment_minutes":{minutes}'
        for end, (b, up, down, minutes) in zip(
            _times(rows.fields["end"].astype(np.int64)), _columns(rows, *names), strict=True
        )
    ]


def _flows(rows: Table) -> list[str]:
    return [
        f'"durations":[{",".join(map(str, counts))}],"packets_per_flow":{packets}'
        for counts, packets in _columns(rows, "durations", "packets_per_flow")
    ]


def _grade(rows: Table) -> list[str]:
    return [
        f'"term":"{t}","status":"{s}","credits":{c},"points":{p}'
        for t, s, c, p in _columns(rows, "term", "status", "credits", "points")
    ]


def _milestone(rows: Table) -> list[str]:
    return [
        f'"kind":"{k}","due":"{due}"' + (f',"done":"{done}"' if done else "")
        for k, due, done in _columns(rows, "kind", "due", "done")
    ]


def _learning(rows: Table) -> list[str]:
    has_deadline: Column = rows.fields["deadline"] != 0
    return [
        f'"verb":"{verb}","course":"{course}"'
        + (f',"deadline":"{deadline}Z"' if due else "")
        + ("" if score != score else f',"score":{score}')  # noqa: PLR0124 - NaN means none
        for (verb, course, score), due, deadline in zip(
            _columns(rows, "verb", "course", "score"),
            has_deadline.tolist(),
            _times(rows.fields["deadline"].astype(np.int64)),
            strict=True,
        )
    ]


def _attendance(rows: Table) -> list[str]:
    return [
        f'"kind":"{k}","status":"{s}","group":"{g}","minutes":{m}'
        for k, s, g, m in _columns(rows, "kind", "status", "group", "minutes")
    ]


def _contact(rows: Table) -> list[str]:
    return [
        f'"kind":"{kind}"' + ("" if hours != hours else f',"latency_hours":{hours}')  # noqa: PLR0124 - NaN means none
        for kind, hours in _columns(rows, "kind", "latency_hours")
    ]


def _literature(rows: Table) -> list[str]:
    return [f'"task":"{t}","stage":"{s}"' for t, s in _columns(rows, "task", "stage")]


def _screening(rows: Table) -> list[str]:
    return [
        f'"scale":"{scale}","items":[{",".join(map(str, items))}]'
        + (',"doubtful":true' if doubtful else "")
        for scale, items, doubtful in _columns(rows, "scale", "items", "doubtful")
    ]


def _report(rows: Table) -> list[str]:
    return [
        f'"urgency":"{u}","reporter":"{r}","concern":"{c}"'
        for u, r, c in _columns(rows, "urgency", "reporter", "concern")
    ]


_DAY_PRECISION = frozenset({"lantern.library.loaned.v1"})
_DATA: dict[str, Callable[[Table], list[str]]] = {
    "lantern.card.swiped.v1": _card,
    "lantern.gate.passed.v1": _gate,
    "lantern.library.loaned.v1": _loan,
    "lantern.network.used.v1": _network,
    "lantern.network.flows.v1": _flows,
    "lantern.grade.posted.v1": _grade,
    "lantern.milestone.set.v1": _milestone,
    "lantern.learning.acted.v1": _learning,
    "lantern.attendance.recorded.v1": _attendance,
    "lantern.advisor.contacted.v1": _contact,
    "lantern.literature.progressed.v1": _literature,
    "lantern.screening.submitted.v1": _screening,
    "lantern.report.filed.v1": _report,
}
