"""Alerts in the terminal, as they come: one line each, without a name or a score."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from cli.alert_view import LEVELS, STYLES, local_time
from cli.context import Context
from cli.language import say
from shared.kernel.errors import UnavailableError

_SHOWN = ("yellow", "orange", "red")
_KINDS = {
    "opened": ("opened", "新预警"),
    "raised": ("raised", "升级"),
    "lowered": ("lowered", "降级"),
    "acknowledged": ("acknowledged", "已确认"),
    "resolved": ("resolved", "已关闭"),
    "notified": ("delivered", "已送达"),
}
_RECONNECT_S = 1.0
Print = Callable[[str], None]


async def watch(here: Context, show: Print, zone: tzinfo) -> None:
    """Follow the live stream of alerts for ever, reconnecting where it broke off.

    `zone` is the campus's: moments are shown in campus time, like everything in a demonstration.
    """
    last: str | None = None
    while True:
        try:
            last = await _follow(here, show, zone, last)
        except UnavailableError:
            await asyncio.sleep(_RECONNECT_S)


async def _follow(here: Context, show: Print, zone: tzinfo, last: str | None) -> str | None:
    token = here.token("demo-officer", ("school_officer",))
    headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": last} if last else {})
    async with here.client("alerts") as client:
        async for line in client.lines("/v1/alerts/stream", headers=headers):
            if line.startswith("id:"):
                last = line[3:].strip()
            elif line.startswith("data:"):
                change = json.loads(line[5:])
                text = line_of(change, zone) if "alert" in change else None
                if text:
                    show(text)
    return last


def line_of(change: Mapping[str, Any], zone: tzinfo) -> str | None:
    """Return one change as a line of at most 80 characters, None for what is not worth one.

    Blue is left out: it goes to a college's weekly list, never to anybody at once.
    """
    kind, alert = change["kind"], change["alert"]
    level = alert["level"]
    if kind not in _KINDS or level not in _SHOWN:
        return None
    what, name = say(*_KINDS[kind]), say(*LEVELS[level])
    at = local_time(alert["updated_at"], zone)
    where = alert["team"] or alert["college"] or "–"
    return f"[{STYLES[level]}]● {name:<7}[/] {what:<12} {at}  {where:<12} {alert['student'][:15]}…"
