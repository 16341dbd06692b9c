"""The indicator catalogue: what is computed, from which streams, over which window, and why.

A new indicator is one function under `indicators`, one entry here and one test. Order matters: it
is the order of a vector's values. Evidence grades: G1 campus data against a depression measure, G2
phone, wearable or survey against depression, G3 campus data against grades or another outcome, G4
practice or expert rule, G5 our own extension.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from shared.features.fold import FOLD_VERSION
from shared.features.frame import Array, Bools, Frame
from shared.features.indicators import (
    dormitory,
    library,
    meals,
    rhythm,
    silence,
    spending,
    study,
)
from shared.features.meaning import meaning
from shared.features.slots import (
    CLOCKLESS_GATE,
    CLOCKLESS_MEAL,
    DAY_MINUTES,
    PRESENCE,
    layout_text,
)

EVALUATION_VERSION = 1
"""Part of the hash: raise it when observation, coverage or baselines change their meaning."""
CARD = ("lantern.card.swiped.v1",)
GATE = ("lantern.gate.passed.v1",)
NETWORK = ("lantern.network.used.v1",)
GRADES = ("lantern.grade.posted.v1",)
STUDY = ("lantern.grade.posted.v1", "lantern.milestone.set.v1")
Function = Callable[[Frame, Bools], Array]


@dataclass(frozen=True)
class Indicator:
    """One entry of the catalogue.

    `rule` says which evidence is due on a day. `all`: from every one of `streams`; `usual`: from
    the types that usually see this student; `record`: from the life record, whatever the day.
    `closes_at` is the minute of the campus day from which today counts, `clockless` the marks that
    leave a day's hours unknown.
    """

    id: str
    zh: str
    en: str
    unit: str
    streams: tuple[str, ...]
    window_days: int
    direction: Literal["up", "down", "both"]
    grade: str
    sources: tuple[str, ...]
    formula: str
    function: Function
    rule: Literal["all", "usual", "record"] = "all"
    closes_at: int = DAY_MINUTES
    clockless: int = 0
    has_floor: bool = True
    spans_night: bool = False

    def semantics(self) -> str:
        """Return what the hash covers: everything but names, evidence and prose."""
        parts = (self.id, self.unit, self.streams, self.window_days, self.direction, self.rule)
        more = (self.closes_at, self.clockless, self.has_floor, self.spans_night)
        return f"{parts + more}\n{meaning(self.function)}"


CATALOGUE: tuple[Indicator, ...] = (
    Indicator(
        id="breakfast_rate",
        zh="早餐率",
        en="breakfast rate",
        unit="share of days",
        streams=CARD,
        window_days=14,
        direction="down",
        grade="G1/G2",
        sources=("Ren 2020", "Mei 2020", "China Daily 2018"),
        formula="days with a meal purchase 06:00-09:30 / observed days",
        function=meals.breakfast_rate,
        closes_at=meals.BREAKFAST_CLOSES,
        clockless=CLOCKLESS_MEAL,
    ),
    Indicator(
        id="meal_count",
        zh="日均用餐次数",
        en="meals a day",
        unit="meals a day",
        streams=CARD,
        window_days=7,
        direction="down",
        grade="G1",
        sources=("Mei 2020",),
        formula="meal episodes / observed days; a gap of more than 40 min (ten-minute bins) "
        "starts a new episode",
        function=meals.meal_count,
        clockless=CLOCKLESS_MEAL,
    ),
    Indicator(
        id="meal_time_entropy",
        zh="用餐时间熵",
        en="entropy of meal times",
        unit="0..1",
        streams=CARD,
        window_days=28,
        direction="up",
        grade="G3",
        sources=("Cao 2018",),
        formula="-sum p ln p over 48 half hours of meal starts / ln 48",
        function=meals.meal_time_entropy,
        clockless=CLOCKLESS_MEAL,
    ),
    Indicator(
        id="spend_level",
        zh="日均消费水平",
        en="level of spending",
        unit="yuan a day",
        streams=CARD,
        window_days=14,
        direction="both",
        grade="G1 (feature group)",
        sources=("Mei 2020",),
        formula="median of daily spend over observed days",
        function=spending.spend_level,
    ),
    Indicator(
        id="spend_level_drop",
        zh="消费水平下降",
        en="change of spending level",
        unit="ln ratio",
        streams=CARD,
        window_days=14,
        direction="down",
        grade="G1 (feature group)",
        sources=("Mei 2020",),
        formula="ln((median daily spend of 14 d + 1) / (median of the 56 d before + 1))",
        function=spending.spend_level_drop,
    ),
    Indicator(
        id="late_snack_rate",
        zh="夜间消费占比",
        en="purchases at night",
        unit="share of purchases",
        streams=CARD,
        window_days=14,
        direction="up",
        grade="G1",
        sources=("Mei 2020",),
        formula="meal and shop purchases 22:00-06:00 / all meal and shop purchases; 0 without any",
        function=spending.late_snack_rate,
        clockless=CLOCKLESS_MEAL,
    ),
    Indicator(
        id="library_visits",
        zh="图书馆入馆次数",
        en="library visits",
        unit="visits a week",
        streams=GATE,
        window_days=28,
        direction="both",
        grade="G3",
        sources=("Cao 2018", "Jisc 2023"),
        formula="7 x library entries / observed days",
        function=library.library_visits,
    ),
    Indicator(
        id="library_stay",
        zh="图书馆停留时长",
        en="time in the library",
        unit="hours a week",
        streams=GATE,
        window_days=28,
        direction="down",
        grade="G3",
        sources=("Unige n.d.",),
        formula="sum(exit - entry) where they pair up in a day; otherwise entry to next event, "
        "at most 5 h, in half hours",
        function=library.library_stay,
        clockless=CLOCKLESS_GATE,
    ),
    Indicator(
        id="late_return",
        zh="晚归率",
        en="late returns",
        unit="share of nights",
        streams=GATE,
        window_days=14,
        direction="up",
        grade="G1",
        sources=("Sci. Programming 6348681, 2022", "Mei 2020"),
        formula="nights whose last dorm entry is after 23:00 / observed nights",
        function=dormitory.late_return,
        clockless=CLOCKLESS_GATE,
    ),
    Indicator(
        id="overnight_absence",
        zh="夜不归宿",
        en="nights away",
        unit="share of nights",
        streams=GATE + NETWORK,
        window_days=14,
        direction="up",
        grade="G4",
        sources=("practice",),
        formula="nights without a dorm entry or a session 20:00-08:00 in an own dorm / observed "
        "nights; missing for students whom no dorm gate has seen in 85 days",
        function=dormitory.overnight_absence,
    ),
    Indicator(
        id="no_exit_days",
        zh="足不出户天数",
        en="days without leaving the dorm",
        unit="share of days",
        streams=GATE + CARD,
        window_days=14,
        direction="up",
        grade="G2/G4",
        sources=("OfS n.d.", "Laiou 2021"),
        formula="days in the own dorm (entry or session) without exit, meal or other place / "
        "observed days",
        function=dormitory.no_exit_days,
    ),
    Indicator(
        id="night_net_minutes",
        zh="深夜上网时长",
        en="minutes online at night",
        unit="minutes a night",
        streams=NETWORK,
        window_days=7,
        direction="up",
        grade="G1/G2",
        sources=("Mei 2020", "Yue 2020"),
        formula="minutes online 00:00-05:00 in five-minute bins, sessions under 10 kB a minute "
        "left out / observed days",
        function=rhythm.night_net_minutes,
    ),
    Indicator(
        id="sleep_gap_hours",
        zh="夜间静默时长",
        en="quiet gap at night",
        unit="hours",
        streams=NETWORK,
        window_days=14,
        direction="both",
        grade="G2",
        sources=("StudentLife", "Creswell 2023"),
        formula="longest event-free gap between 21:00 and 12:00, mean of nights with any event",
        function=rhythm.sleep_gap_hours,
        closes_at=rhythm.MORNING_CLOSES,
        spans_night=True,
    ),
    Indicator(
        id="first_activity_time",
        zh="每日首次活动时刻",
        en="time of first activity",
        unit="minutes after midnight",
        streams=PRESENCE,
        window_days=14,
        direction="up",
        grade="G1",
        sources=("Mei 2020",),
        formula="mean minute of the first event from 05:00 on, of days with any",
        function=rhythm.first_activity_time,
        rule="usual",
        clockless=CLOCKLESS_GATE | CLOCKLESS_MEAL,
    ),
    Indicator(
        id="places_visited",
        zh="日到访地点数",
        en="places visited a day",
        unit="places a day",
        streams=PRESENCE,
        window_days=14,
        direction="down",
        grade="G2",
        sources=("EMPR 2015", "RAPIDS 2023"),
        formula="places of gates and of sessions of 10 min or more (64 hashed places) / observed "
        "days",
        function=rhythm.places_visited,
        rule="usual",
    ),
    Indicator(
        id="gpa_drop",
        zh="学业绩点下滑",
        en="change of grade points",
        unit="cohort SD",
        streams=GRADES,
        window_days=365,
        direction="down",
        grade="G2/G3",
        sources=("Wagner 2022", "Awadalla 2020", "Eisenberg 2009"),
        formula="(newest half-year's credit-weighted points - mean of earlier half-years) / 0.6; "
        "ranks where points are absent",
        function=study.gpa_drop,
        rule="record",
    ),
    Indicator(
        id="failed_credits",
        zh="挂科学分与环节延误",
        en="failed credits and overdue stages",
        unit="credits",
        streams=STUDY,
        window_days=365,
        direction="up",
        grade="G1",
        sources=("Mei 2020", "Wagner 2022"),
        formula="credits failed or deferred in two half-years + 2 x stages overdue",
        function=study.failed_credits,
        rule="record",
    ),
    Indicator(
        id="silent_days",
        zh="失联天数",
        en="silent days",
        unit="days",
        streams=PRESENCE,
        window_days=7,
        direction="up",
        grade="G4",
        sources=("Jimei Univ. n.d.",),
        formula="observed days without any presence since the last one with it, at most 7; a day "
        "is observed when the feeds that usually see the student were alive",
        function=silence.silent_days,
        rule="usual",
        has_floor=False,
    ),
)
INDEX: dict[str, int] = {one.id: place for place, one in enumerate(CATALOGUE)}


def hash_of(catalogue: tuple[Indicator, ...]) -> str:
    """Return the semantic hash of some entries, 64 hexadecimal digits."""
    text = "\n\n".join(one.semantics() for one in catalogue)
    whole = f"{layout_text()}\nfold {FOLD_VERSION}\nevaluation {EVALUATION_VERSION}\n{text}"
    return hashlib.sha256(whole.encode()).hexdigest()


@cache
def catalogue_hash() -> str:
    """Return the hash that vectors carry and that a model states and insists on."""
    return hash_of(CATALOGUE)


def describe() -> list[dict[str, str | int | list[str]]]:
    """Return one row an indicator, for the catalogue's page and for REST."""
    return [
        {
            "id": one.id,
            "zh": one.zh,
            "en": one.en,
            "unit": one.unit,
            "streams": list(one.streams),
            "window_days": one.window_days,
            "direction": one.direction,
            "formula": one.formula,
            "coverage": one.rule,
            "evidence": one.grade,
            "sources": list(one.sources),
        }
        for one in CATALOGUE
    ]
