"""Contributions as plain sentences."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.explain.sentences import sentence_of
from shared.features.catalogue import CATALOGUE
from shared.features.indicator import Indicator

HEALTH = re.compile(
    r"depress|anxi|mental|suicid|disorder|diagnos|symptom|\bill\b|illness|sick|health|therap|"
    r"insomnia|risk|crisis|abnormal|"
    r"抑郁|焦虑|心理|自杀|障碍|诊断|症状|疾病|患|病|健康|治疗|失眠|风险|危机|异常",
    re.IGNORECASE,
)
HAN = re.compile(r"[\u4e00-\u9fff]")
ASCII_PUNCTUATION = re.compile(r"[\u4e00-\u9fff][,:;(]|[,:;)][\u4e00-\u9fff]")
BY_ID = {one.id: one for one in CATALOGUE}


@pytest.mark.parametrize(
    ("indicator", "value", "usual", "zh", "en"),
    [
        (
            "breakfast_rate",
            2 / 14,
            9 / 14,
            "近14天中有2天吃早餐\uff0c通常为9天",
            "breakfast on 2 of the last 14 days; usually 9",
        ),
        (
            "late_return",
            0.3,
            None,
            "近14晚中约有4晚23点后才回宿舍",
            "back at the dormitory after 23:00 on about 4 of the last 14 nights",
        ),
        (
            "meal_count",
            2.14,
            3.0,
            "近7天平均每天用餐2.1次\uff0c通常为3次",
            "2.1 meals a day over the last 7 days; usually 3",
        ),
        (
            "first_activity_time",
            640.4,
            510.0,
            "近14天每天首次活动的时间平均为10:40\uff0c通常为08:30",
            "first activity of the day at 10:40 on average over the last 14 days; usually 08:30",
        ),
        (
            "spend_level_drop",
            math.log(0.65),
            None,
            "校园卡消费比前八周减少约35%",
            "spending with the campus card down by about 35% against the eight weeks before",
        ),
        (
            "gpa_drop",
            -0.8,
            None,
            "最近一学期成绩低于以往学期\uff0c相差同学间常见差距的0.8倍",
            (
                "results of the newest term below earlier ones by 0.8 times the usual difference "
                "between students"
            ),
        ),
        (
            "silent_days",
            3.0,
            0.0,
            "已有3天没有任何记录\uff0c通常为0天",
            "days with no sign of any kind: 3; usually 0",
        ),
        (
            "late_snack_rate",
            0.18,
            0.004,
            "近14天在22点至次日6点之间的消费占18%\uff0c通常为0.4%",
            "18% of purchases were made between 22:00 and 06:00 in the last 14 days; usually 0.4%",
        ),
    ],
)
def test_by_hand(  # noqa: PLR0917 - a row of the table
    indicator: str, value: float, usual: float | None, zh: str, en: str
) -> None:
    """Numbers, window and the usual value are said as a person would."""
    said = sentence_of(indicator, value, usual)
    assert said.zh == zh
    assert said.en == en


@pytest.mark.parametrize("one", CATALOGUE, ids=lambda one: one.id)
@pytest.mark.parametrize("value", [0.0, 0.143, 1.0, 7.3, -0.6])
def test_every_entry_has_a_sentence_without_a_word_of_health(one: Indicator, value: float) -> None:
    """Each entry of the catalogue is said in both languages, with its numbers, neutrally."""
    said = sentence_of(one, value, value / 2)
    assert HAN.search(said.zh)
    assert not HAN.search(said.en)
    assert not HEALTH.search(said.zh + said.en)
    assert not ASCII_PUNCTUATION.search(said.zh)
    assert "{" not in said.zh + said.en
    assert re.search(r"\d", said.zh + said.en) or "as in" in said.en


@pytest.mark.parametrize("one", CATALOGUE, ids=lambda one: one.id)
def test_the_value_shows(one: Indicator) -> None:
    """Two different values are never told alike."""
    assert sentence_of(one, 0.2).en != sentence_of(one, 0.9).en
    assert sentence_of(one, 0.2).zh != sentence_of(one, 0.9).zh


@pytest.mark.parametrize("one", CATALOGUE, ids=lambda one: one.id)
def test_missing_is_said_to_be_missing(one: Indicator) -> None:
    """Without a value the sentence says that there is no data, never a zero."""
    for value in (None, math.nan, math.inf):
        said = sentence_of(one, value, 3.0)
        assert said.en == f"no data on {one.en}"
        assert said.zh == f"没有“{one.zh}”的数据"


def test_low_coverage_is_told_and_full_coverage_is_not() -> None:
    """How much of the evidence was there stands behind the sentence where it is little."""
    assert sentence_of("meal_count", 2.0, coverage=0.62).en.endswith(
        "(62% of the records are there)"
    )
    assert sentence_of("meal_count", 2.0, coverage=0.62).zh.endswith("\uff08数据覆盖62%\uff09")
    assert sentence_of("meal_count", 2.0, coverage=1.0) == sentence_of("meal_count", 2.0)


def test_no_change_is_said_as_such() -> None:
    """A change that rounds to nothing has no direction."""
    assert sentence_of("spend_level_drop", 0.001).en.endswith("as in the eight weeks before")
    assert sentence_of("gpa_drop", -0.01).en == "results as in earlier terms"


def test_a_new_entry_without_words_goes_by_its_name() -> None:
    """An indicator that nobody wrote a sentence for is still said, with unit and window."""
    new = replace(
        BY_ID["breakfast_rate"], id="attendance", zh="出勤率", en="attendance", window_days=28
    )
    assert sentence_of(new, 0.71, 0.9).en == ("attendance 71% over the last 28 days; usually 90%")
    assert sentence_of(new, 0.71, 0.9).zh == "近28天出勤率为71%\uff0c通常为90%"
    odd = replace(new, unit="parsecs", en="distance", zh="距离")
    assert sentence_of(odd, 2.5).en == "distance 2.5 parsecs over the last 28 days"
    assert sentence_of(odd, 2.5).zh == "近28天距离为2.5"


def test_an_unknown_id_is_its_own_name() -> None:
    """A contribution of another catalogue is not an error."""
    assert sentence_of("own_column", 1.25, 2.0).en == "own_column 1.25; usually 2"
    assert sentence_of("own_column", None).en == "no data on own_column"


@given(
    st.sampled_from(CATALOGUE),
    st.floats(allow_nan=True, allow_infinity=True),
    st.none() | st.floats(allow_nan=True, allow_infinity=True),
    st.none() | st.floats(0, 1),
)
def test_any_number_is_said(
    one: Indicator, value: float, usual: float | None, coverage: float | None
) -> None:
    """However strange the number, there is a sentence, and none speaks of NaN or infinity."""
    said = sentence_of(one, value, usual, coverage)
    assert said.zh
    assert not re.search(r"\bnan\b|\binf\b", said.zh + said.en)


@pytest.mark.parametrize(
    ("indicator", "value", "zh", "en"),
    [
        ("breakfast_rate", 2 / 14, "天吃早餐", "days"),
        ("meal_count", 2.1, "餐2.1次", "7 days"),
        ("a_new_one", 2.1, "2.1", "2.1"),
    ],
)
def test_what_is_usual_among_peers_is_said_to_be_theirs(
    indicator: str, value: float, zh: str, en: str
) -> None:
    """Only where there is no usual value of one's own; the own one is always told instead."""
    said = sentence_of(indicator, value, None, peers=9 / 14)
    assert f"{zh}\uff0c本人平常情况尚不清楚\uff0c同学通常为" in said.zh
    assert f"{en}; own usual not known yet, peers usually " in said.en
    own = sentence_of(indicator, value, 9 / 14)
    assert sentence_of(indicator, value, 9 / 14, peers=0.1) == own
    assert sentence_of(indicator, value, math.nan, peers=9 / 14) == said
    assert "同学" not in own.zh
