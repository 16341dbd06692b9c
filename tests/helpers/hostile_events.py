"""Hostile events: bodies that must be refused or rejected clearly, and leave a living service.

Each case is a body with its content type and what may be answered: a status for a refused request
(`400 malformed_json`), or `reject:<reason>` for a result. `reject` alone leaves the reason open.
`ok` marks what only looks hostile and is legal.
"""

import json
from dataclasses import dataclass
from typing import Any

from tests.helpers.ingest_kit import an_event, raw

ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LINES = "application/x-ndjson"


@dataclass(frozen=True)
class Hostile:
    """One hostile body and its right answer."""

    name: str
    body: bytes
    answer: str
    content_type: str = ONE


def corpus() -> list[Hostile]:
    """Return all cases; their names are unique."""
    groups = (
        _encodings(), _syntax(), _structure(), _attributes(), _control_characters(), _times(),
        _numbers(), _card(), _network(), _gate_and_loans(), _study(), _people(), _batches(),
        _lines(),
        _injections(),
    )  # fmt: skip
    return [case for group in groups for case in group]


def _event(reason: str, name: str, /, **changes: Any) -> Hostile:
    return Hostile(name, raw(an_event(f"h-{name}", **changes)), f"reject:{reason}".rstrip(":"))


def _typed(reason: str, name: str, kind: str, /, **data: Any) -> Hostile:
    event = an_event(f"h-{name}", type=f"lantern.{kind}.v1")
    event["data"] = data
    return Hostile(name, raw(event), f"reject:{reason}".rstrip(":"))


def _data_less(event_id: str) -> dict[str, Any]:
    return {name: value for name, value in an_event(event_id).items() if name != "data"}


def _without(name: str) -> Hostile:
    event = an_event("h-without")
    del event[name]
    return Hostile(f"without {name}", raw(event), "reject:missing_field")


def _replaced(name: str, old: bytes, new: bytes, answer: str) -> Hostile:
    body = raw(an_event(f"h-{name}"))
    assert old in body
    return Hostile(name, body.replace(old, new, 1), answer)


def _encodings() -> list[Hostile]:
    text = raw(an_event("h-encoding", source="校园卡")).decode()
    return [
        Hostile("utf-8 bom", b"\xef\xbb\xbf" + text.encode(), "400 byte_order_mark"),
        Hostile("utf-16 bom", text.encode("utf-16"), "400 byte_order_mark"),
        Hostile("utf-16 le", text.encode("utf-16-le"), "400 malformed_json"),
        Hostile("utf-16 be", text.encode("utf-16-be"), "400 malformed_json"),
        Hostile("utf-32", text.encode("utf-32"), "400 byte_order_mark"),
        Hostile("utf-32 be", text.encode("utf-32-be"), "400 malformed_json"),
        Hostile("gbk", text.encode("gbk"), "reject:not_utf8"),
        Hostile("gb18030", text.encode("gb18030"), "reject:not_utf8"),
        Hostile("big5", text.replace("园", "園").encode("big5", "replace"), "reject"),
        Hostile("utf-7", "+ADw-校".encode("utf-7"), "400 malformed_json"),
        _replaced("latin-1 byte", b"urn:", b"urn\xe9", "reject:not_utf8"),
        _replaced("lone continuation", b"urn:", b"urn\x80", "reject:not_utf8"),
        _replaced("overlong slash", b"urn:", b"urn\xc0\xaf", "reject:not_utf8"),
        _replaced("surrogate bytes", b"urn:", b"urn\xed\xa0\x80", "reject:not_utf8"),
        _replaced("beyond unicode", b"urn:", b"urn\xf5\x80\x80\x80", "reject:not_utf8"),
        _replaced("truncated sequence", b"urn:", b"urn\xe6\xa0", "reject:not_utf8"),
        _replaced("lone high surrogate", b"urn:", b"urn\\ud800", "400 malformed_json|reject"),
        _replaced("lone low surrogate", b"urn:", b"urn\\udc00", "400 malformed_json|reject"),
        _replaced("reversed pair", b"urn:", b"urn\\udc00\\ud800", "400 malformed_json|reject"),
        _replaced("half an escape", b"urn:", b"urn\\u12zz", "400 malformed_json|reject"),
        Hostile("gzip", bytes.fromhex("1f8b0800000000000003") + b"x" * 50, "400 malformed_json"),
        Hostile("zip", b"PK\x03\x04" + b"\x00" * 50, "400 malformed_json"),
        Hostile("binary", bytes(range(256)), "400 malformed_json"),
    ]


def _syntax() -> list[Hostile]:
    good = raw(an_event("h-syntax"))
    broken = {
        "empty": b"", "white space": b" \r\n\t", "nul": b"\x00",
        "nuls": b"\x00" * 1000, "word": b"hello",
        "true constant": b"True", "undefined": b"undefined",
        "single quotes": good.replace(b'"', b"'"),
        "trailing comma": good[:-1] + b",}", "two objects": good + good, "comment": b"/*x*/" + good,
        "hash comment": good + b"#", "no closing brace": good[:-1], "half": good[: len(good) // 2],
        "one brace": b"{", "one quote": b'"', "colon": b":", "xml": b"<?xml version='1.0'?><a/>",
        "yaml": b"a: 1\nb: 2", "form": b"id=1&source=2", "html": b"<script>alert(1)</script>",
        "nan": good.replace(b"12.5", b"NaN"), "infinity": good.replace(b"12.5", b"Infinity"),
        "minus infinity": good.replace(b"12.5", b"-Infinity"),
        "hex": good.replace(b"12.5", b"0x1f"),
        "leading zero": good.replace(b"12.5", b"012"),
        "leading plus": good.replace(b"12.5", b"+12"),
        "bare dot": good.replace(b"12.5", b".5"), "dot at end": good.replace(b"12.5", b"12."),
        "exponent alone": good.replace(b"12.5", b"1e"), "underscore": good.replace(b"12.5", b"1_2"),
        "raw newline": good.replace(b"urn:", b"urn\n"), "raw tab": good.replace(b"urn:", b"urn\t"),
        "raw nul": good.replace(b"urn:", b"urn\x00"),
        "bad escape": good.replace(b"urn:", b"urn\\x41"),
    }  # fmt: skip
    return [
        Hostile(f"syntax {name}", body, "400 malformed_json|reject:malformed_json")
        for name, body in broken.items()
    ]


def _structure() -> list[Hostile]:
    deep = 100_000
    nested = b'{"specversion":"1.0","x":' + b'{"a":' * deep + b"1" + b"}" * deep + b"}"
    return [
        Hostile("deep arrays", b"[" * deep + b"]" * deep, "400 too_deep"),
        Hostile("deep open arrays", b"[" * deep, "400 too_deep"),
        Hostile("deep objects", nested, "400 too_deep"),
        Hostile("deep batch", b"[" + nested + b"]", "400 too_deep", BATCH),
        Hostile("deep line", nested, "reject:event_too_large", LINES),
        Hostile("deep line within the limit", b'{"x":' + b"[" * 60_000, "reject:too_deep", LINES),
        Hostile("a number", b"1", "reject:wrong_type"),
        Hostile("a string", b'"event"', "reject:wrong_type"),
        Hostile("null", b"null", "reject:wrong_type"),
        Hostile("true", b"true", "reject:wrong_type"),
        Hostile("empty object", b"{}", "reject:missing_field"),
        Hostile("empty array", b"[]", "400 no_events"),
        Hostile("wide object", json.dumps({f"k{n}": n for n in range(5000)}).encode(), "reject"),
        _event("event_too_large", "a large extension", extension="x" * 70_000),
        _event("event_too_large", "many extensions", **{f"x{n}": "y" * 50 for n in range(2000)}),
        Hostile(
            "data twice",
            raw(an_event("h-twice"))[:-1] + b',"data":{"merchant":"casino"}}',
            "reject:unknown_value",
        ),
        Hostile("type twice", raw(an_event("h-tt"))[:-1] + b',"type":"nope"}', "reject"),
    ]


def _attributes() -> list[Hostile]:
    required = ("specversion_", "id", "source", "type", "subject", "time", "data")
    cases = [_without(name) for name in required if not name.endswith("_")]
    for name in ("id", "source", "subject"):
        cases += [
            _event("bad_length", f"{name} empty", **{name: ""}),
            _event("bad_length", f"{name} of 201", **{name: "x" * 201}),
            _event("bad_length", f"{name} of 60000", **{name: "x" * 60_000}),
            _event("wrong_type", f"{name} number", **{name: 7}),
            _event("wrong_type", f"{name} null", **{name: None}),
            _event("wrong_type", f"{name} list", **{name: ["x"]}),
            _event("wrong_type", f"{name} object", **{name: {"$ne": 1}}),
            _event("wrong_type", f"{name} boolean", **{name: True}),
        ]
    return [
        *cases,
        _event("unknown_type", "type unknown", type="lantern.unknown.v1"),
        _event("unknown_type", "type of the future", type="lantern.card.swiped.v2"),
        _event("unknown_type", "type in capitals", type="LANTERN.CARD.SWIPED.V1"),
        _event("unknown_type", "type with blank", type="lantern.card.swiped.v1 "),
        _event("unknown_type", "type empty", type=""),
        _event("unknown_type", "a tick", type="lantern.tick.v1"),
        _event("wrong_type", "type number", type=1),
        _event("unknown_value", "specversion 0.3", specversion="0.3"),
        _event("unknown_value", "specversion 2.0", specversion="2.0"),
        _event("wrong_type", "specversion number", specversion=1.0),
        _event("unknown_value", "precision of a week", timeprecision="week"),
        _event("bad_subject", "subject of blanks", subject="    "),
        _event("bad_subject", "subject of wide blanks", subject="\u3000\u3000"),
        _event("bad_subject", "subject of 65", subject="9" * 65),
        _event("wrong_type", "feed number", feed=3),
        _event("wrong_type", "trace parent number", traceparent=3),
    ]


def _control_characters() -> list[Hostile]:
    marks = {
        "nul": "\x00", "bell": "\x07", "escape": "\x1b[31m", "newline": "\n", "return": "\r",
        "delete": "\x7f", "unit separator": "\x1f", "next line": "\x85", "line separator": "\u2028",
        "right-to-left override": "\u202e", "zero width": "\u200b", "byte order mark": "\ufeff",
        "not a character": "\uffff", "private use": "\ue000", "tag": "\U000e0041",
    }  # fmt: skip
    cases = []
    for name, mark in marks.items():
        event = an_event(f"h-a{mark}b")
        cases.append(Hostile(f"{name} in id", raw(event), "reject:control_character"))
        cases.append(_event("bad_subject", f"{name} in subject", subject=f"2023{mark}1"))
    return [
        *cases,
        _event("control_character", "nul in source", source="a\x00b"),
        _event("control_character", "nul in device", data={"device": "a\x00"}),
        _typed(
            "control_character", "escape in place", "gate.passed",
            gate="dorm", place="\x1b", direction="in",
        ),
        _typed("control_character", "nul in term", "grade.posted", term="\x00", status="passed"),
        _typed(
            "control_character", "nul in course", "learning.acted", verb="viewed", course="c\x00"
        ),
        _typed(
            "control_character", "nul in group", "attendance.recorded",
            kind="lab", status="attended", group="g\x00",
        ),
        _typed(
            "control_character", "nul in task", "literature.progressed", task="t\x00", stage="s"
        ),
    ]  # fmt: skip


def _times() -> list[Hostile]:
    bad = [
        "2026-09-14T04:00:00", "2026-09-14 04:00:00Z", "2026-09-14T04:00:00 Z",
        "2026-09-14T04:00Z    ",
        "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-09-14T24:00:00Z", "2026-09-14T23:60:00Z", "2026-09-14T23:59:60Z",
        "2026-09-14T04:00:00+24:00",
        "14/09/2026 04:00:00 UTC", "Mon, 14 Sep 2026 04:00:00 GMT", "20260914T040000Z0000",
        "2026-W38-1T04:00:00Z", "2026-257T04:00:00.00Z", "+002026-09-14T04:00:00Z",
        "-2026-09-14T04:00:00Z", "０２６-09-14T04:00:00Z..", "1789012345678901234567",
        "not a time at all, no",
        "2026-09-14T04:00:00.123456789012Z",
    ]  # fmt: skip
    old = ["1999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z"]
    future = ["2026-09-14T12:10:01Z", "2027-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
    return [
        *(_event("", f"time {text}", time=text) for text in bad),
        *(_event("time_too_old", f"old {text}", time=text) for text in old),
        *(_event("time_in_future", f"future {text}", time=text) for text in future),
        _event("bad_length", "time empty", time=""),
        _event("bad_length", "time long", time="2026-09-14T04:00:00Z" * 9),
        _event("wrong_type", "time number", time=1789012345),
        _event("wrong_type", "time null", time=None),
        _event("bad_time", "before the calendar", time="0001-01-01T00:00:00+23:59"),
        _event("bad_time", "after the calendar", time="9999-12-31T23:59:59-23:59"),
    ]


def _numbers() -> list[Hostile]:
    def amount(name: str, text: bytes, answer: str) -> Hostile:
        return _replaced(f"amount {name}", b"12.5", text, answer)

    return [
        amount("1e309", b"1e309", "reject:out_of_range"),
        amount("-1e309", b"-1e309", "reject:out_of_range"),
        amount("1e99999", b"1e99999", "reject:out_of_range"),
        amount("of 5000 digits", b"9" * 5000, "reject:out_of_range"),
        amount("of 50000 decimals", b"0." + b"1" * 50_000, "ok|reject"),
        amount("2^63", b"9223372036854775808", "reject:out_of_range"),
        amount("just too much", b"100000.01", "reject:out_of_range"),
        amount("negative", b"-0.01", "reject:out_of_range"),
        amount("minus zero", b"-0.0", "ok"),
        amount("tiny", b"5e-324", "ok"),
        amount("string", b'"12.5"', "reject:wrong_type"),
        amount("boolean", b"true", "reject:wrong_type"),
        amount("null", b"null", "reject:wrong_type"),
        amount("array", b"[12.5]", "reject:wrong_type"),
        amount("object", b'{"$gt":0}', "reject:wrong_type"),
    ]


def _card() -> list[Hostile]:
    return [
        _event("unknown_value", "merchant unknown", data={"merchant": "casino"}),
        _event("unknown_value", "merchant in capitals", data={"merchant": "MEAL"}),
        _event("unknown_value", "merchant empty", data={"merchant": ""}),
        _event("wrong_type", "merchant null", data={"merchant": None}),
        _event("bad_length", "device empty", data={"device": ""}),
        _event("bad_length", "device long", data={"device": "d" * 65}),
        _event("unknown_field", "a name in data", data={"name": "Zhang"}),
        _event("unknown_field", "a message in data", data={"message": "text"}),
        _event("unknown_field", "prototype", data={"__proto__": {"x": 1}}),
        _event("unknown_field", "a Chinese field", data={"姓名": "x"}),
        Hostile("data null", raw({**an_event("h-dn"), "data": None}), "reject:wrong_type"),
        Hostile("data text", raw({**an_event("h-dt"), "data": "{}"}), "reject:wrong_type"),
        Hostile("data array", raw({**an_event("h-da"), "data": []}), "reject:wrong_type"),
        Hostile("data empty", raw({**an_event("h-de"), "data": {}}), "reject:missing_field"),
        Hostile(
            "data_base64",
            raw({**_data_less("h-b64"), "data_base64": "e30="}),
            "reject:missing_field",
        ),
    ]  # fmt: skip


def _network() -> list[Hostile]:
    def session(reason: str, name: str, /, **data: Any) -> Hostile:
        base = {"end": "2026-09-14T05:00:00Z", "building": "b1"}
        return _typed(reason, f"session {name}", "network.used", **{**base, **data})

    return [
        session("ends_before_start", "backwards", end="2026-09-14T03:59:59Z"),
        session("session_too_long", "of 49 hours", end="2026-09-16T05:00:00Z"),
        session("session_too_long", "of a year", end="2027-09-14T05:00:00Z"),
        session("bad_time", "end no time", end="later than we expected"),
        session("bad_length", "end empty", end=""),
        session("bad_length", "building empty", building=""),
        session("control_character", "building escape", building="\x1b"),
        session("out_of_range", "negative bytes", bytes_up=-1),
        session("out_of_range", "too many bytes", bytes_down=10**13),
        session("out_of_range", "huge bytes", bytes_down=10**30),
        session("wrong_type", "bytes as decimal", bytes_up=1.5),
        session("unknown_field", "a host", host="example.org"),
        session("unknown_field", "an address", ip="10.0.0.1"),
        _typed("bad_length", "15 bins", "network.flows", durations=[1] * 15),
        _typed("bad_length", "17 bins", "network.flows", durations=[1] * 17),
        _typed("bad_length", "100000 bins", "network.flows", durations=[1] * 20_000),
        _typed("out_of_range", "negative bin", "network.flows", durations=[-1] * 16),
        _typed("wrong_type", "bins of text", "network.flows", durations=["1"] * 16),
    ]


def _gate_and_loans() -> list[Hostile]:
    return [
        _typed("unknown_value", "gate unknown", "gate.passed", gate="x", place="p", direction="in"),
        _typed("unknown_value", "way up", "gate.passed", gate="dorm", place="p", direction="up"),
        _typed("wrong_type", "granted text", "gate.passed", gate="dorm", place="p", direction="in",
               granted="yes"),
        _typed("out_of_range", "no items", "library.loaned", action="loan", items=0),
        _typed("out_of_range", "too many items", "library.loaned", action="loan", items=1001),
        _typed("unknown_field", "a title", "library.loaned", action="loan", title="Werther"),
        _typed("unknown_value", "loan stolen", "library.loaned", action="stolen"),
    ]  # fmt: skip


def _study() -> list[Hostile]:
    return [
        _typed("out_of_range", "points of 6", "grade.posted", term="t", status="passed", points=6),
        _typed("out_of_range", "percentile of 2", "grade.posted", term="t", status="ranked",
               percentile=2),
        _typed("unknown_value", "status great", "grade.posted", term="t", status="great"),
        _typed("bad_date", "due in February", "milestone.set", kind="plan", due="2026-02-30"),
        _typed("bad_date", "due in year 0", "milestone.set", kind="plan", due="0000-01-01"),
        _typed("bad_format", "due as text", "milestone.set", kind="plan", due="soon"),
        _typed("bad_format", "due with time", "milestone.set", kind="plan",
               due="2026-02-03T00:00:00Z"),
        _typed("bad_date", "due with newline", "milestone.set", kind="plan", due="2026-02-03\n"),
        _typed("bad_date", "done in 1066", "milestone.set", kind="plan", due="2026-02-03",
               done="1066-10-14"),
        _typed("bad_time", "deadline no time", "learning.acted", verb="viewed", course="c",
               deadline="2026-02-30T00:00:00Z"),
        _typed("out_of_range", "score of 101", "learning.acted", verb="viewed", course="c",
               score=101),
        _typed("out_of_range", "minutes below zero", "attendance.recorded", kind="lab",
               status="attended", group="g", minutes=-5),
        _typed("out_of_range", "latency below zero", "advisor.contacted", kind="reply",
               latency_hours=-1),
        _typed("unknown_field", "a text in contact", "advisor.contacted", kind="reply", text="hi"),
        _typed("bad_length", "stage long", "literature.progressed", task="t", stage="s" * 65),
    ]  # fmt: skip


def _people() -> list[Hostile]:
    def scale(reason: str, name: str, scale: str, items: list[Any], /, **more: Any) -> Hostile:
        return _typed(reason, name, "screening.submitted", scale=scale, items=items, **more)

    return [
        scale("scale_length", "phq9 of 8", "phq9", [0] * 8),
        scale("scale_length", "phq9 of 10", "phq9", [0] * 10),
        scale("scale_range", "phq9 of fours", "phq9", [4] * 9),
        scale("out_of_range", "phq9 of minus one", "phq9", [-1] * 9),
        scale("out_of_range", "phq9 of six", "phq9", [6] * 9),
        scale("wrong_type", "phq9 of text", "phq9", ["0"] * 9),
        scale("wrong_type", "phq9 of null", "phq9", [None] * 9),
        scale("wrong_type", "phq9 of halves", "phq9", [0.5] * 9),
        scale("bad_length", "phq9 empty", "phq9", []),
        scale("bad_length", "phq9 of 101", "phq9", [0] * 101),
        scale("scale_length", "gad7 of 9", "gad7", [0] * 9),
        scale("scale_range", "upi of twos", "upi", [2] * 64),
        scale("scale_range", "sds of zeros", "sds", [0] * 20),
        scale("scale_range", "scl90 of fives", "scl90", [5] * 90),
        scale("scale_range", "scl90 zeros on base 1", "scl90", [0] * 90, base=1),
        scale("unknown_value", "scale unknown", "mmpi", [0] * 9),
        scale("out_of_range", "base of 2", "scl90", [1] * 90, base=2),
        _typed("unknown_field", "free text in a report", "report.filed", urgency="urgent",
               reporter="peer", concern="mood", text="he said"),
        _typed("unknown_value", "urgency extreme", "report.filed", urgency="extreme",
               reporter="peer", concern="mood"),
        _typed("unknown_value", "reporter unknown", "report.filed", urgency="soon",
               reporter="neighbour", concern="mood"),
    ]  # fmt: skip


def _batches() -> list[Hostile]:
    good = raw(an_event("h-batch"))
    return [
        Hostile("batch is an object", b'{"events":[]}', "400 not_a_batch", BATCH),
        Hostile("batch is a text", b'"x"', "400 not_a_batch", BATCH),
        Hostile("batch empty", b"[]", "400 no_events", BATCH),
        Hostile("batch without end", b"[" + good, "400 malformed_json", BATCH),
        Hostile("batch with hole", b"[" + good + b",,1]", "400 malformed_json", BATCH),
        Hostile("batch with a comma", b"[" + good + b",]", "400 malformed_json", BATCH),
        Hostile("batch of batches", b"[[" + good + b"]]", "reject:wrong_type", BATCH),
        Hostile("batch of nulls", b"[null,null]", "reject:wrong_type", BATCH),
        Hostile("batch of lines", good + b"\n" + good, "400 malformed_json|400 not_a_batch", BATCH),
        Hostile("batch of 10001", b"[" + b"1," * 10_000 + b"1]", "413 too_many_events", BATCH),
        Hostile("body of 2 MB", b" " * 2_000_000 + good, "413 body_too_large", BATCH),
        Hostile("text", good, "415 content_type", "text/plain"),
        Hostile("no content type", good, "415 content_type", ""),
        Hostile("gbk charset", good, "415 content_type", "application/json; charset=gbk"),
        Hostile("xml type", good, "415 content_type", "application/cloudevents+xml"),
    ]


def _lines() -> list[Hostile]:
    good = raw(an_event("h-line"))
    return [
        Hostile("line broken", good[:-2], "reject:malformed_json", LINES),
        Hostile("line of nuls", b"\x00\x00", "reject:malformed_json", LINES),
        Hostile("line of two events", good + good, "reject:malformed_json", LINES),
        Hostile("line with gbk", good.replace(b"urn:", "卡".encode("gbk")), "reject", LINES),
        Hostile("line with nan", good.replace(b"12.5", b"NaN"), "reject:malformed_json", LINES),
        Hostile("an array in a line", b"[" + good + b"]", "reject:wrong_type", LINES),
        Hostile("only newlines", b"\n\n\r\n", "400 no_events", LINES),
        Hostile("bom before lines", b"\xef\xbb\xbf" + good, "400 byte_order_mark", LINES),
        Hostile("carriage returns alone", b"{\r}\r", "reject", LINES),
        Hostile("vertical tab", b"\x0b" + good, "reject:malformed_json", LINES),
    ]


def _injections() -> list[Hostile]:
    texts = {
        "sql": "'; DROP TABLE feeds; --", "html": "<img src=x onerror=alert(1)>",
        "path": "../../etc/x",
        "template": "{{7*7}}", "lookup": "${jndi:ldap://x}", "format": "%s%n{0}", "csv": "=1+1",
    }  # fmt: skip
    return [
        *(Hostile(f"{n} in id", raw(an_event(f"h-{t}")), "ok") for n, t in texts.items()),
        *(_event("unknown_value", f"{n} as goods", data={"merchant": t}) for n, t in texts.items()),
        *(_event("unknown_type", f"{n} in type", type=t) for n, t in texts.items()),
        Hostile("four-byte characters", raw(an_event("h-𠮷😀", subject="𠮷01")), "ok"),
        Hostile("unknown extension", raw(an_event("h-ext", comexample={"a": [1]})), "ok"),
    ]  # fmt: skip
