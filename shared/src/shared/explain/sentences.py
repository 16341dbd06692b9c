"""One sentence template a kind of unit; pure, and a sentence for whatever a catalogue holds.

Shares of days are told as days of the window: the share of observed days times its length, with
"about" where that is no whole number. What is usual is the student's own median before the window.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from shared.explain.numbers import (
    clock,
    is_sayable,
    is_whole,
    per_cent,
    plain,
    two_digits,
    whole,
)
from shared.explain.subjects import SUBJECTS, UNITS_ZH, Text
from shared.features.catalogue import CATALOGUE
from shared.features.indicator import Indicator

WELL_COVERED: Final = 0.95
LARGEST_LOG: Final = 20.0
Say = Callable[[float], str]


@dataclass(frozen=True)
class Template:
    """A sentence of one kind; `{s}` is the subject, `{v}` the number, `{w}` the window's days."""

    fact: Text
    usual: Text
    say: Say


_USUALLY = Text("通常为{u}", "usually {u}")
TEMPLATES: Mapping[str, Template] = {
    "meals a day": Template(
        Text("近{w}天平均每天{s}{v}次", "{v} {s} a day over the last {w} days"),
        Text("通常为{u}次", "usually {u}"),
        plain,
    ),
    "yuan a day": Template(
        Text("近{w}天{s}每天约{v}元", "{s} at about {v} yuan a day over the last {w} days"),
        Text("通常为{u}元", "usually {u}"),
        whole,
    ),
    "share of purchases": Template(
        Text("近{w}天{s}占{v}", "{v} {s} in the last {w} days"), _USUALLY, per_cent
    ),
    "visits a week": Template(
        Text("近{w}天平均每周{s}{v}次", "{v} {s} a week over the last {w} days"),
        Text("通常为{u}次", "usually {u}"),
        plain,
    ),
    "hours a week": Template(
        Text("近{w}天{s}平均每周{v}小时", "{v} hours a week {s} over the last {w} days"),
        Text("通常为{u}小时", "usually {u}"),
        plain,
    ),
    "minutes a night": Template(
        Text("近{w}天{s}平均每晚{v}分钟", "{v} minutes a night {s} over the last {w} days"),
        Text("通常为{u}分钟", "usually {u}"),
        whole,
    ),
    "hours": Template(
        Text("近{w}天{s}平均{v}小时", "{s} of {v} hours on average over the last {w} days"),
        Text("通常为{u}小时", "usually {u}"),
        plain,
    ),
    "minutes after midnight": Template(
        Text("近{w}天{s}平均为{v}", "{s} at {v} on average over the last {w} days"),
        _USUALLY,
        clock,
    ),
    "places a day": Template(
        Text("近{w}天平均每天{s}为{v}个", "{v} {s} a day over the last {w} days"),
        Text("通常为{u}个", "usually {u}"),
        plain,
    ),
    "0..1": Template(
        Text("近{w}天{s}为{v}", "{s} {v} on a scale of 0 to 1 over the last {w} days"),
        _USUALLY,
        two_digits,
    ),
    "days": Template(
        Text("已有{v}天{s}", "days with {s}: {v}"), Text("通常为{u}天", "usually {u}"), whole
    ),
    "credits": Template(Text("近一年{s}为{v}", "{v} {s} in the last year"), _USUALLY, plain),
}
DAYS: Mapping[str, Text] = {
    "share of days": Text("天", "days"),
    "share of nights": Text("晚", "nights"),
}
_OWN, _PEERS = Text("", ""), Text("本人平常情况尚不清楚，同学", "own usual not known yet, peers ")
_BY_ID: Final = {one.id: one for one in CATALOGUE}


@dataclass(frozen=True)
class Usual:
    """What is usual, and for whom."""

    value: float
    is_of_peers: bool


def sentence_of(
    indicator: Indicator | str,
    value: float | None,
    usual: float | None = None,
    coverage: float | None = None,
    *,
    peers: float | None = None,
) -> Text:
    """Say what an indicator's value is, and what is usual for this student.

    `indicator` is an entry or its id; of an unknown id the id itself is the name. `coverage` is the
    share of the evidence that was there (0..1), told where it is low. `peers` is what is usual
    among the student's peers: told, as theirs, where there is no usual value of the student's own.
    """
    one = _BY_ID.get(indicator) if isinstance(indicator, str) else indicator
    if value is None or not is_sayable(value):
        return _nothing(one, str(indicator))
    known = _known(usual, is_of_peers=False) or _known(peers, is_of_peers=True)
    if one is None:
        return _bare(str(indicator), value, known)
    return _with_coverage(_said(one, value, known), coverage)


def _said(one: Indicator, value: float, usual: Usual | None) -> Text:
    special = {"ln ratio": _change, "cohort SD": _spread}.get(one.unit)
    subject = SUBJECTS.get(one.id)
    if special is not None:
        return special(subject or Text(one.zh, one.en), one.window_days, value)
    if subject is None or (one.unit not in TEMPLATES and one.unit not in DAYS):
        return _named(one, value, usual)
    if one.unit in DAYS:
        return _days(one, subject, value, usual)
    return _filled(TEMPLATES[one.unit], one, subject, value=value, usual=usual)


def _filled(
    template: Template, one: Indicator, subject: Text, *, value: float, usual: Usual | None
) -> Text:
    zh, en = (
        text.format(s=s, v=template.say(value), w=one.window_days)
        for text, s in ((template.fact.zh, subject.zh), (template.fact.en, subject.en))
    )
    if usual is None:
        return Text(zh, en)
    said = template.say(usual.value)
    zh_usual, en_usual = template.usual.zh.format(u=said), template.usual.en.format(u=said)
    return _joined(Text(zh, en), usual, zh_usual, en_usual)


def _days(one: Indicator, subject: Text, value: float, usual: Usual | None) -> Text:
    unit, window = DAYS[one.unit], one.window_days
    days = value * window
    zh, en = ("", "") if is_whole(days) else ("约", "about ")
    seen = Text(
        f"近{window}{unit.zh}中{zh}有{whole(days)}{unit.zh}{subject.zh}",
        f"{subject.en} on {en}{whole(days)} of the last {window} {unit.en}",
    )
    if usual is None:
        return seen
    often = whole(usual.value * window)
    return _joined(seen, usual, f"通常为{often}{unit.zh}", f"usually {often}")


def _change(subject: Text, _window: int, value: float) -> Text:
    """Tell a logarithm of a ratio as a change in per cent; its own past is in it already."""
    factor = f"{whole(100 * abs(_ratio(value) - 1.0))}%"
    if factor == "0%":
        return Text(f"{subject.zh}与前八周持平", f"{subject.en} as in the eight weeks before")
    zh, en = ("减少", "down") if value < 0 else ("增加", "up")
    return Text(
        f"{subject.zh}比前八周{zh}约{factor}",
        f"{subject.en} {en} by about {factor} against the eight weeks before",
    )


def _spread(subject: Text, _window: int, value: float) -> Text:
    size = plain(abs(value))
    if size == "0":
        return Text(f"{subject.zh}与以往学期持平", f"{subject.en} as in earlier terms")
    zh, en = ("低于", "below") if value < 0 else ("高于", "above")
    return Text(
        f"最近一学期{subject.zh}{zh}以往学期，相差同学间常见差距的{size}倍",
        f"{subject.en} of the newest term {en} earlier ones by {size} times the usual difference "
        "between students",
    )


def _named(one: Indicator, value: float, usual: Usual | None) -> Text:
    """Say it by the indicator's names: for units and entries that have no words of their own."""
    say: Say = per_cent if one.unit.startswith("share") else plain
    unit_en = "" if one.unit.startswith("share") else f" {one.unit}"
    unit_zh = UNITS_ZH.get(one.unit, "")
    seen = Text(
        f"近{one.window_days}天{one.zh}为{say(value)}{unit_zh}",
        f"{one.en} {say(value)}{unit_en} over the last {one.window_days} days",
    )
    if usual is None:
        return seen
    said = say(usual.value)
    return _joined(seen, usual, f"通常为{said}{unit_zh}", f"usually {said}")


def _bare(name: str, value: float, usual: Usual | None) -> Text:
    seen = Text(f"{name}为{plain(value, 2)}", f"{name} {plain(value, 2)}")
    if usual is None:
        return seen
    said = plain(usual.value, 2)
    return _joined(seen, usual, f"通常为{said}", f"usually {said}")


def _nothing(one: Indicator | None, name: str) -> Text:
    if one is None:
        return Text(f"没有{name}的数据", f"no data on {name}")
    return Text(f"没有“{one.zh}”的数据", f"no data on {one.en}")


def _with_coverage(seen: Text, coverage: float | None) -> Text:
    if coverage is None or coverage >= WELL_COVERED:
        return seen
    share = per_cent(coverage)
    return Text(f"{seen.zh}（数据覆盖{share}）", f"{seen.en} ({share} of the records are there)")


def _joined(seen: Text, usual: Usual, zh: str, en: str) -> Text:
    whose = _PEERS if usual.is_of_peers else _OWN
    return Text(f"{seen.zh}，{whose.zh}{zh}", f"{seen.en}; {whose.en}{en}")


def _known(usual: float | None, *, is_of_peers: bool) -> Usual | None:
    return Usual(usual, is_of_peers) if usual is not None and is_sayable(usual) else None


def _ratio(logarithm: float) -> float:
    return math.exp(min(logarithm, LARGEST_LOG))
