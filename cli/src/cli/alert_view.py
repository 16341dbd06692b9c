"""An alert for a person at a terminal of 80 columns, in campus time."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from rich.cells import set_cell_size
from rich.table import Table
from rich.text import Text

from cli.language import say
from cli.output import out, table
from shared.kernel.campus_time import parse_utc

STYLES = {"blue": "blue", "yellow": "yellow", "orange": "dark_orange", "red": "bold red"}
LEVELS = {
    "none": ("none", "无"),
    "blue": ("blue", "蓝·提示"),
    "yellow": ("yellow", "黄·关注"),
    "orange": ("orange", "橙·预警"),
    "red": ("red", "红·危机"),
}
_STATUS = {
    "open": ("open", "待处理"),
    "acknowledged": ("acknowledged", "已确认"),
    "resolved": ("resolved", "已关闭"),
}
_LABELS = {
    "level": ("level", "等级"),
    "status": ("status", "状态"),
    "student": ("student", "学生"),
    "school": ("school", "学校"),
    "college": ("college", "学院"),
    "team": ("team", "团队"),
    "request": ("request", "请求"),
    "reason_kinds": ("kinds of reason", "原因类别"),
    "reason": ("reason", "原因"),
    "reasons": ("reasons so far", "历次原因"),
    "coverage": ("data present", "数据覆盖"),
    "is_coverage_too_low": ("too few data", "数据不足"),
    "assessment": ("assessment", "评估"),
    "opened_at": ("opened", "开启"),
    "updated_at": ("changed", "更新"),
    "since": ("since", "时间"),
    "acknowledged_by": ("acknowledged by", "已确认方"),
    "person_needed_by": ("a person until", "人工时限"),
    "is_silent": ("silent trial", "静默试行"),
    "verdict": ("verdict", "结论"),
    "is_verdict_hidden": ("verdict hidden", "结论隐藏"),
    "may": ("you may", "可执行"),
    "told": ("told", "已告知"),
}
_UNSAID = frozenset({"id", "view", "history", "level_name"})  # said otherwise
_MOMENTS = frozenset({"opened_at", "updated_at", "since", "person_needed_by"})
_WIDE = 150  # what a row with both ids takes


def print_alerts(alerts: Sequence[Mapping[str, Any]], zone: tzinfo) -> None:
    """Print a row an alert where there is room for ids, else two lines."""
    moment = say(f"since ({zone})", f"时间({zone})")
    if out.width < _WIDE:
        _print_pairs(alerts, zone, moment)
        return
    columns = (say("level", "等级"), say("state", "状态"), say("student", "学生"),
               say("college", "学院"), moment, say("id", "编号"))  # fmt: skip
    rows = [
        (_level(each), _word(_STATUS, each["status"]), each["student"], each.get("college"),
         _since(each, zone), each["id"])
        for each in alerts
    ]  # fmt: skip
    table(say("Alerts", "预警"), columns, rows)


def _print_pairs(alerts: Sequence[Mapping[str, Any]], zone: tzinfo, moment: str) -> None:
    out.print(f"{say('Alerts', '预警')} · {moment}", style="bold", highlight=False)
    for each in alerts:
        where = each.get("team") or each.get("college")
        words = (_word(_STATUS, each["status"]), _since(each, zone), where)
        line = Text.assemble(
            (set_cell_size(f"● {_level(each) or ''}", 12), STYLES.get(each.get("level", ""), "")),
            "  ".join(word for word in words if word),
        )
        out.print(line, soft_wrap=True)
        ids = f"  {each['id']}  {each['student']}"
        out.print(ids, style="dim", markup=False, highlight=False, soft_wrap=True)


def print_alert(alert: Mapping[str, Any], zone: tzinfo) -> None:
    """Print all of an alert that the caller may see, and how it came about."""
    out.print(alert["id"], style="bold", highlight=False)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in alert.items():
        if name not in _UNSAID:
            style = STYLES.get(str(value), "") if name == "level" else ""
            grid.add_row(_word(_LABELS, name), Text(_told(name, value, alert, zone), style))
    out.print(grid)
    at = say(f"at ({zone})", f"时间({zone})")
    columns = (at, say("what", "事项"), say("level", "等级"), say("reason", "原因"),
               say("who", "何方"))  # fmt: skip
    rows = [
        (local_time(line["at"], zone), line["kind"], _level(line), _why(line), _who(line))
        for line in alert["history"]
    ]
    table(say("History", "经过"), columns, rows)


def _told(name: str, value: object, alert: Mapping[str, Any], zone: tzinfo) -> str:
    if name == "level":
        named = alert.get("level_name")
        return say(named["en"], named["zh"]) if named else str(_level(alert))
    if name == "status":
        return _word(_STATUS, str(value))
    if name == "coverage" and isinstance(value, float):
        return f"{value:.0%}"
    if name in _MOMENTS and isinstance(value, str):
        return f"{local_time(value, zone)} ({zone})"
    return _plain(value)


def _plain(value: object) -> str:
    if value is None or value == []:
        return "–"
    if isinstance(value, bool):
        return say("yes", "是") if value else say("no", "否")
    if isinstance(value, dict) and {"en", "zh"} <= value.keys():
        return say(value["en"], value["zh"])
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _why(line: Mapping[str, Any]) -> str | None:
    said = [line.get("reason") or line.get("reason_kind"), line.get("verdict")]
    return ": ".join(word for word in said if word) or None


def _who(line: Mapping[str, Any]) -> str | None:
    return line.get("actor") or line.get("tier") or line.get("track")


def _since(alert: Mapping[str, Any], zone: tzinfo) -> str | None:
    moment = alert.get("opened_at") or alert.get("since")
    return local_time(moment, zone) if moment else None


def local_time(moment: str, zone: tzinfo) -> str:
    """Return a UTC moment as campus time, to the minute."""
    return f"{parse_utc(moment).astimezone(zone):%Y-%m-%d %H:%M}"


def _level(one: Mapping[str, Any]) -> str | None:
    return _word(LEVELS, one["level"]) if one.get("level") else None


def _word(words: Mapping[str, tuple[str, str]], name: str) -> str:
    return say(*words[name]) if name in words else name
