"""`lantern demo`: a synthetic campus on the real services, in this terminal."""

import asyncio
import os
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from cli.broker import ensure_broker, local_broker
from cli.commands.up import announce, refuse_a_second_start, supervised
from cli.context import Context, context
from cli.counting import print_sums, sums_so_far
from cli.demo import stage
from cli.demo.journal import Journal
from cli.demo.watch import watch
from cli.language import say
from cli.output import err, progress, waiting, warn
from cli.prechecks import refuse_what_cannot_start
from cli.supervisor import Supervisor
from shared.kernel.clock import SystemClock
from shared.lifecycle import stop_on_signals
from simulator import CampusConfig, Simulation, simulate

_WATCH_EVERY_S = 0.5
_ENVIRONMENT = {
    "LANTERN_INGEST_TICKS": "event",
    "LANTERN_INGEST_TICK_INTERVAL_S": "86400",
    "LANTERN_INGEST_MAX_FUTURE_S": "none",
    "LANTERN_INGEST_RATE_PER_S": "1000000",
}

Students = Annotated[int, typer.Option(min=40, max=200_000, help="Students of the campus.")]
Weeks = Annotated[int, typer.Option(min=1, max=17, help="Weeks of events to replay first.")]
Speed = Annotated[float, typer.Option(min=0.1, max=3600, help="Campus seconds a second, live.")]
Live = Annotated[bool, typer.Option("--live/--no-live", help="Go on live after the replay.")]


@dataclass(frozen=True)
class Play:
    """What the options ask for."""

    students: int
    weeks: int
    speed: float
    live: bool


def demo(
    *, students: Students = 2000, weeks: Weeks = 10, speed: Speed = 60.0, live: Live = True
) -> None:
    """Start everything, replay a synthetic campus, go on live, show alerts. 演示:虚构校园实时预警。

    The first run replays some weeks of a made-up campus; a later one goes on where it stopped.
    Everything is real but the people: Kafka, the services, the databases. Ctrl-C stops it all.

    Example: lantern demo --students 500 --weeks 4
    """
    here = context()
    refuse_a_second_start(here)
    journal = Journal.read(here.home)
    refuse_what_cannot_start(here, _ENVIRONMENT)
    os.environ.update(here.credentials.environment())
    started = ensure_broker(here)
    try:
        with supervised(here, **_ENVIRONMENT) as supervisor:
            asyncio.run(
                _until_stopped(supervisor, _act(here, journal, Play(students, weeks, speed, live)))
            )
    finally:
        if started:
            local_broker(here).down()


async def _until_stopped(supervisor: Supervisor, act: Coroutine[Any, Any, None]) -> None:
    """Run the act beside the watch over the services; a signal or a failure ends both."""
    async with stop_on_signals() as stop:
        tasks = {
            asyncio.create_task(act),
            asyncio.create_task(_supervise(supervisor)),
            asyncio.create_task(stop.wait()),
        }
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for task in done:
            task.result()


async def _supervise(supervisor: Supervisor) -> None:
    while True:
        supervisor.watch()
        await asyncio.sleep(_WATCH_EVERY_S)


async def _act(here: Context, journal: Journal | None, play: Play) -> None:
    announce(here)
    campus = simulate(journal.config if journal else _config(play))
    zone = campus.config.zone
    err.print(
        say(f"every moment below is campus time ({zone})", f"以下时间均为校园时间({zone})"),
        highlight=False,
    )
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch(here, _show, zone))
        is_first = journal is None
        journal = journal or await _first_run(here, campus)
        await _catch_up(here, journal)
        if is_first:
            sums = await sums_so_far(here, list(journal.keys))
            print_sums(say("What became of the replayed events", "回放事件的处理结果"), sums)
        if play.live:
            await _live(here, journal, campus, play.speed)
        watching.cancel()


def _show(line: str) -> None:
    err.print(line, highlight=False, soft_wrap=True)


async def _first_run(here: Context, campus: Simulation) -> Journal:
    with waiting(say("importing people …", "正在导入人员 …")):
        people = await stage.import_people(here, campus)
    _show(people)
    journal = Journal(campus.config, await stage.open_feeds(here), campus.start)
    with progress() as bar:
        journal, summary = await stage.replay(here, journal, campus, bar)
    _show(summary)
    journal.write(here.home)
    return journal


async def _catch_up(here: Context, journal: Journal) -> None:
    """Wait until alerts has decided on everything: what comes before is not live."""
    words = say("waiting for features, scoring and alerts …", "等待特征、评分与预警处理 …")
    with waiting(words) as tell:
        is_done = await stage.settle(here, journal, tell)
    if is_done:
        _show(say("caught up: every event is decided on", "已追平：所有事件均已处理"))
    else:
        warn(
            say(
                "still behind; alerts come late (`lantern ps`)",
                "仍有积压，预警会迟到（见 `lantern ps`）",
            )
        )


async def _live(here: Context, journal: Journal, campus: Simulation, speed: float) -> None:
    since = f"{journal.reached.astimezone(campus.config.zone):%Y-%m-%d %H:%M}"
    err.print(
        say(
            f"live since {since}, {speed:g} times as fast as life; Ctrl-C ends",
            f"自 {since} 起实时运行,{speed:g} 倍速;Ctrl-C 结束",
        ),
        style="bold",
    )
    await stage.live(here, journal, campus, speed=speed, show=_show)


def _config(play: Play) -> CampusConfig:
    """Return a campus whose replayed weeks end now, so that life goes on from here."""
    end = SystemClock().now().replace(minute=0, second=0, microsecond=0)
    teams = max(8, play.students // 50)
    return CampusConfig(
        students=play.students, teams=teams, colleges=8, days=7 * play.weeks, end=end
    )
