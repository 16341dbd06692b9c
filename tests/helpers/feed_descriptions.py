"""Descriptions of small, made-up feeds for tests of file imports."""

from typing import Any

from ingest.domain.mapping_description import FeedDescription

SHOP_ROW = {
    "student": "S1",
    "day": "2026-03-02",
    "clock": "12:05",
    "amount": "8.5",
    "place": "食堂",
}


def a_description(**changes: Any) -> FeedDescription:
    """Return a feed of purchases as GBK text with a header; `changes` replace top-level keys."""
    return FeedDescription.model_validate(described(**changes))


def described(**changes: Any) -> dict[str, Any]:
    """Return the same as plain values, for tests of validation."""
    values: dict[str, Any] = {
        "feed": "shop",
        "title": {"zh": "消费", "en": "Purchases"},
        "owner": "card office",
        "cadence": "1d",
        "source": "test/shop",
        "file": {"glob": "shop.csv", "encoding": "gbk", "separator": ","},
        "columns": {
            "student": "学号",
            "day": "日期",
            "clock": "时间",
            "amount": "金额",
            "place": "地点",
        },
        "subject": {"column": "student"},
        "id": ["student", "day", "clock", "amount"],
        "time": {"kind": "text", "columns": ["day", "clock"], "format": "%Y-%m-%d %H:%M"},
        "precision": "minute",
        "type": "lantern.card.swiped.v1",
        "data": {
            "merchant": {"column": "place", "map": {"食堂": "meal", "超市": "shop"}},
            "amount": {"column": "amount", "as": "number"},
        },
    }
    return {**values, **changes}
