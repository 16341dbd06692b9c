"""The acts of a demonstration: people into directory, weeks into ingest, then life goes on."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from rich.progress import Progress, TaskID

from cli.context import Context
from cli.counting import caught_up, lag_words
from cli.demo.journal import Journal
from cli.errors import document_of
from cli.language import say
from cli.output import TELL_EVERY_S, err
from shared.crypto.keys import required_key
from shared.crypto.pseudonym import Pseudonymiser
from shared.kernel.clock import SystemClock
from shared.settings import CommonSettings, load
from simulator import Simulation
from simulator.over_http import HttpOptions, HttpStreamer
from simulator.progress import Progress as Sent
from simulator.progress import StreamReport
from simulator.registration import register_feeds
from simulator.roster import roster_files, roster_zip

_PATIENCE_S = 900.0


async def import_people(here: Context, campus: Simulation) -> str:
    """Import roster, calendar and leave; return what directory answered, in short."""
    archive = roster_zip(roster_files(campus))
    async with here.client("directory", timeout_s=120.0) as client:
        file = {"file": ("roster.zip", archive, "application/zip")}
        answer = await client.post("/v1/roster/imports", files=file)
        document_of("directory", answer)
        for path, leave in _leaves(campus):
            document_of("directory", await client.post(path, json=leave))
    counts = f"{len(campus.campus)} / {campus.config.teams} / {campus.config.colleges}"
    return say(f"{counts} students, teams, colleges", f"学生、团队、学院 {counts}")


def _leaves(campus: Simulation) -> list[tuple[str, dict[str, str]]]:
    """Return each leave as the path and body of directory's request."""
    settings = load(CommonSettings)
    key = required_key("LANTERN_PSEUDONYM_KEY", settings.pseudonym_key)
    pseudonym = Pseudonymiser(settings.pseudonym_key_id, key).pseudonym
    first_day = campus.calendar.day(0).date
    return [
        (
            f"/v1/students/{pseudonym(campus.campus.numbers[student])}/leaves",
            {
                "kind": "leave",
                "start": str(first_day + timedelta(days=first)),
                "end": str(first_day + timedelta(days=last)),
            },
        )
        for student, first, last in campus.leaves()
    ]


async def open_feeds(here: Context) -> dict[str, str]:
    """Register the synthetic campus's feeds and return an API key each."""
    async with here.client("ingest") as client:
        return await register_feeds(client)


async def replay(
    here: Context, journal: Journal, campus: Simulation, bar: Progress
) -> tuple[Journal, str]:
    """Send everything up to the end of the run, as fast as ingest takes it; say what it came to."""
    days = campus.config.days
    told = bar.add_task(say("replaying weeks", "回放数周事件"), total=days)
    async with here.client("ingest", timeout_s=60.0) as client:
        streamer = HttpStreamer(
            client,
            journal.keys,
            options=HttpOptions(batch=5000, in_flight=4),
            on_progress=_day_of(campus, bar, told),
        )
        report = await streamer.replay(campus)
    bar.update(told, completed=days)
    return replace(journal, reached=campus.config.end), _summary(report)


def _day_of(campus: Simulation, bar: Progress, task: TaskID) -> Callable[[Sent], None]:
    def tell(sent: Sent) -> None:
        done = (sent.campus_time - campus.start) / timedelta(days=1)
        text = say(f"{sent.sent:,} events, day", f"已回放 {sent.sent:,} 条事件,第几日:")
        bar.update(task, completed=round(done, 1), description=text)

    return tell


async def settle(here: Context, journal: Journal, tell: Callable[[str], None]) -> bool:
    """Return whether everything that was sent has been decided on; say meanwhile what is left."""
    every = 1.0 if err.is_terminal else TELL_EVERY_S
    catching_up = asyncio.create_task(caught_up(here, list(journal.keys), _PATIENCE_S))
    try:
        while not (await asyncio.wait({catching_up}, timeout=every))[0]:
            if words := await lag_words(here):
                tell(words)
        return catching_up.result() is not None
    finally:
        catching_up.cancel()


def _summary(report: StreamReport) -> str:
    return say(
        f"{report.sent:,} events = {report.accepted:,} accepted + {report.duplicate:,} duplicate "
        f"+ {report.rejected:,} rejected",
        f"共 {report.sent:,} 条 = 接收 {report.accepted:,} + 重复 {report.duplicate:,} "
        f"+ 拒收 {report.rejected:,}",
    )


async def live(
    here: Context,
    journal: Journal,
    campus: Simulation,
    *,
    speed: float,
    show: Callable[[str], None],
) -> None:
    """Go on from where the campus stands, for ever; the journal follows, a line tells at times."""
    clock = SystemClock()
    reached, told = journal.reached, clock.monotonic()
    async with here.client("ingest", timeout_s=60.0) as client:
        streamer = HttpStreamer(client, journal.keys, options=HttpOptions(in_flight=1))
        async for chunks in campus.live(clock, speed=speed, since=reached):
            for chunk in chunks:
                await streamer.send(chunk)
                last = float(chunk.delivered[-1])
                reached = max(reached, reached.fromtimestamp(last, reached.tzinfo))
                replace(journal, reached=reached).write(here.home)
            if clock.monotonic() - told > TELL_EVERY_S:
                told = clock.monotonic()
                show(_heartbeat(campus, reached, streamer.report.sent))


def _heartbeat(campus: Simulation, reached: datetime, sent: int) -> str:
    at = f"{reached.astimezone(campus.config.zone):%m-%d %H:%M}"
    return say(
        f"[dim]· campus time {at}, {sent:,} live events; silence is judged daily at 04:00[/]",
        f"[dim]· 校园时间 {at},实时事件 {sent:,} 条;每日 04:00 判定缺席[/]",
    )
