"""What leaves the campus in a message."""

import re
from itertools import product

import pytest

from alerts.domain.alert import LEVELS, TIERS
from alerts.domain.messages import REQUESTS, link, text
from alerts.domain.reasons import Reason
from shared.contracts.alert import Tier

ALERT = "alert_0123456789abcdef0123456789abcdef"
HEALTH = (
    "phq", "gad", "scl", "upi", "sds", "score", "risk", "level", "model", "depress", "anxi",
    "suicid", "mental", "psych", "indicator", "probab", "warning", "alert level", "screening",
    "心理", "抑郁", "焦虑", "自杀", "风险", "等级", "评分", "预警", "危机", "量表", "指标", "筛查",
    "红", "橙", "黄", "蓝",
)  # fmt: skip


@pytest.mark.parametrize("tier", TIERS)
def test_no_health_word_in_any_message(tier: Tier) -> None:
    """No scale, indicator, level, colour, reason or health word stands in a message."""
    words = text(ALERT, tier, link("https://care.example", ALERT))
    shown = f"{words.subject}\n{words.body}".lower()
    for forbidden in (*HEALTH, *(level for level in LEVELS if level != "none")):
        assert forbidden not in shown
    for reason in Reason:
        assert not re.search(rf"\b{reason.value}\b", shown) or reason is Reason.OTHER


@pytest.mark.parametrize(("tier", "language"), list(product(TIERS, ("zh", "en"))))
def test_messages_come_in_both_languages(tier: Tier, language: str) -> None:
    """Each tier's request stands in Chinese and in English."""
    assert REQUESTS[tier][language] in text(ALERT, tier, "https://care.example/#x").body


def test_a_message_is_an_id_a_tier_and_a_link() -> None:
    """Id and link are there, and the team's text asks for a meeting within the week."""
    body = text(ALERT, "team", link("https://care.example/", ALERT)).body
    assert ALERT in body
    assert f"https://care.example/#alert={ALERT}" in body
    assert "一周内" in body
    assert "within the week" in body
