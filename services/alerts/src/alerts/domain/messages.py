"""What a message says: an id, the tier and a link, in Chinese and English, never a health word."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.contracts.alert import Tier

TIER_NAMES: Mapping[Tier, Mapping[str, str]] = {
    "school": {"zh": "学校", "en": "school"},
    "college": {"zh": "学院", "en": "college"},
    "team": {"zh": "团队", "en": "team"},
}
REQUESTS: Mapping[Tier, Mapping[str, str]] = {
    "team": {
        "zh": "请在一周内与该同学见面聊聊,关心近况。",
        "en": "Please meet this student within the week for an ordinary talk.",
    },
    "college": {
        "zh": "有一条事项需要您查看并确认。",
        "en": "One item needs you to look at it and acknowledge it.",
    },
    "school": {
        "zh": "有一条事项需要您查看并确认。",
        "en": "One item needs you to look at it and acknowledge it.",
    },
}
SUBJECT = {"zh": "Lantern 关怀提醒", "en": "Lantern care request"}


@dataclass(frozen=True)
class Text:
    """A message in both languages; every channel renders it in its own way."""

    subject: str
    body: str


def link(public_url: str, alert: str) -> str:
    """Return where the alert is shown; who may see what is decided there, not in the message."""
    return f"{public_url.rstrip('/')}/#alert={alert}"


def text(alert: str, tier: Tier, url: str) -> Text:
    """Return the message for a tier; it names no level, score, scale, indicator or person."""
    lines = [
        f"{REQUESTS[tier]['zh']}",
        f"编号:{alert}",
        f"对象:{TIER_NAMES[tier]['zh']}",
        f"查看:{url}",
        "",
        f"{REQUESTS[tier]['en']}",
        f"Id: {alert}",
        f"Tier: {TIER_NAMES[tier]['en']}",
        f"Open: {url}",
    ]
    return Text(f"{SUBJECT['zh']} / {SUBJECT['en']}", "\n".join(lines) + "\n")
