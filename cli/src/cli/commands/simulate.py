"""`lantern simulate`: a synthetic campus as files or as a stream, and checked for likeness."""

import asyncio
import json
import sys
from contextlib import suppress
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Annotated, Literal, TextIO

import typer
from pydantic import SecretStr
from rich.progress import Progress as Bar

from cli.context import Context, context
from cli.language import say
from cli.output import AsJson, emit, progress, table
from shared.crypto.keys import required_key
from shared.crypto.pseudonym import Pseudonymiser
from shared.kernel.campus_time import parse_utc
from shared.kernel.clock import SystemClock
from shared.kernel.errors import ConfigError
from shared.stream.kafka import KafkaSink
from simulator import CampusConfig, Simulation, simulate
from simulator.calibration import check as check_figures
from simulator.over_http import HttpOptions, HttpStreamer
from simulator.over_kafka import KafkaStreamer
from simulator.progress import OnProgress, Progress, StreamReport
from simulator.registration import register_feeds
from simulator.roster import write_leaves, write_roster
from simulator.separability import separability
from simulator.truth import write_truth

app = typer.Typer(no_args_is_help=True, help="A synthetic campus. 虚构校园。")
_CONFIG = "campus.json"
_KEY = "LANTERN_PSEUDONYM_KEY"
_SEPARABILITY_STUDENTS = 8000

Students = Annotated[int, typer.Option(help="Graduate students.")]
Days = Annotated[int, typer.Option(help="Days of events up to the end.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same bytes.")]
End = Annotated[str, typer.Option(help="Where the run ends, RFC 3339; `now` or a moment.")]
Folder = Annotated[Path, typer.Option("--campus", help="Folder that `campus` wrote.")]
Speed = Annotated[float, typer.Option(help="Campus seconds a second; 0 is as fast as possible.")]


@app.callback()
def group() -> None:
    """Make and stream a synthetic campus. 生成并推送虚构校园的数据。"""


@app.command()
def campus(
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    *,
    students: Students = 2000,
    teams: Annotated[int, typer.Option(help="Research teams.")] = 40,
    colleges: Annotated[int, typer.Option(help="Colleges.")] = 8,
    days: Days = 70,
    seed: Seed = 1,
    end: End = "now",
    truth: Annotated[bool, typer.Option(help="Write truth.csv beside the roster.")] = True,
    as_json: AsJson = False,
) -> None:
    """Write the roster (OneRoster zip), leaves, configuration and truth. 生成名册与真值。

    Example: lantern simulate campus --out campus --students 500 --days 30
    """
    config = CampusConfig(
        students=students, teams=teams, colleges=colleges, days=days, seed=seed, end=_moment(end)
    )
    made = simulate(config)
    out.mkdir(parents=True, exist_ok=True)
    (out / _CONFIG).write_bytes(config.to_json())
    write_roster(made, out / "roster.zip")
    leaves = write_leaves(made, out / "leaves.csv")
    rows = write_truth(made, out / "truth.csv") if truth else 0
    summary = {
        "folder": str(out),
        "run": config.run,
        "students": students,
        "staff": len(made.campus.staff),
        "start": made.start.isoformat(),
        "end": config.end.isoformat(),
        "leaves": leaves,
        "truth_rows": rows,
    }
    _show(summary, say("Synthetic campus", "虚构校园"), as_json=as_json)


@app.command()
def events(
    folder: Folder,
    *,
    out: Annotated[
        Path | None, typer.Option(help="NDJSON file; standard output if absent.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the run's events as NDJSON CloudEvents in order of delivery. 输出事件。

    Example: lantern simulate events --campus campus --out events.ndjson
    """
    made = _read(folder)
    if out is None:
        if as_json:
            raise ConfigError("--json", "needs --out: standard output holds one of the two")
        _write(made, sys.stdout)
        return
    with out.open("w", encoding="utf-8", newline="\n") as file:
        written = _write(made, file)
    _show({"events": written, "file": str(out)}, say("Events", "事件"), as_json=as_json)


@app.command()
def stream(
    folder: Folder,
    *,
    to: Annotated[Literal["http", "kafka"], typer.Option(help="Where to.")] = "http",
    speed: Speed = 0.0,
    strict: Annotated[bool, typer.Option(help="One request in flight.")] = False,
    live: Annotated[bool, typer.Option(help="Go on after the end, until Ctrl-C.")] = False,
    keys: Annotated[Path | None, typer.Option(help="JSON of feed to API key.")] = None,
    as_json: AsJson = False,
) -> None:
    """Stream the run to ingest, or straight to Kafka for benchmarks. 推送事件。

    Example: lantern simulate stream --campus campus --speed 3600
    """
    made = _read(folder)
    pace = speed or inf
    known = None if keys is None else json.loads(keys.read_text())
    with progress() as bar:
        told = _bar(bar, made)
        if to == "http":
            report = asyncio.run(_to_http(made, pace, known, told=told, strict=strict, live=live))
        else:
            if live:
                raise ConfigError("--live", "is for --to http")
            report = asyncio.run(_to_kafka(context(), made, pace, told))
    counts = {"read": report.sent} | {
        name: getattr(report, name) for name in ("accepted", "duplicate", "rejected", "retries")
    }
    _show(counts, say("Streamed", "已推送"), as_json=as_json)


@app.command()
def check(
    *,
    students: Students = 1000,
    days: Days = 420,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Compare a generated campus with real campuses' figures. 校准检查。

    Example: lantern simulate check --students 500 --days 140
    """
    figures = check_figures(CampusConfig(students=students, days=days, seed=seed, end_week=20))
    apart = separability(CampusConfig(students=_SEPARABILITY_STUDENTS, teams=160, seed=seed))
    if as_json:
        rows = [
            {"name": f.name, "value": f.value, "low": f.low, "high": f.high, "met": f.is_met}
            for f in figures
        ]
        emit({"figures": rows, "separability": vars(apart)})
    else:
        lines = [
            (f.name, f"{f.value:.3f}", f"{f.low}-{f.high}", "✓" if f.is_met else "✗")
            for f in figures
        ]
        lines.append(
            ("AUC of behaviour", f"{apart.behaviour:.3f}", "0.6-0.75", _mark(apart.behaviour))
        )
        table(say("Calibration", "校准"), ("figure", "value", "range", ""), lines)
    if not all(figure.is_met for figure in figures):
        raise typer.Exit(1)


def _mark(auc: float) -> str:
    return "✓" if 0.6 <= auc <= 0.75 else "✗"  # noqa: PLR2004 - the range shown beside it


def _moment(text: str) -> datetime:
    if text == "now":
        return SystemClock().now().replace(microsecond=0)
    try:
        return parse_utc(text)
    except ValueError as error:
        raise ConfigError("--end", f"{text!r}: {error}") from None


def _read(folder: Path) -> Simulation:
    path = folder / _CONFIG
    if not path.is_file():
        raise ConfigError(str(path), "is missing; `lantern simulate campus` writes it")
    return simulate(CampusConfig.from_json(path.read_bytes()))


def _write(made: Simulation, file: TextIO) -> int:
    written = 0
    for day in made.days():
        for event in made.to_cloudevents(day):
            file.write(event.decode() + "\n")
            written += 1
    return written


def _bar(bar: Bar, made: Simulation) -> OnProgress:
    """Show campus days; the total of events is not known before."""
    task = bar.add_task(say("campus days", "校园日"), total=made.config.days)

    def told(step: Progress) -> None:
        passed = (step.campus_time - made.start).total_seconds() / 86_400
        bar.update(task, completed=min(round(passed, 1), made.config.days))

    return told


async def _to_http(
    made: Simulation,
    speed: float,
    keys: dict[str, str] | None,
    *,
    told: OnProgress,
    strict: bool,
    live: bool,
) -> StreamReport:
    here = context()
    async with here.client("ingest") as client:
        known = await register_feeds(client) if keys is None else keys
        options = HttpOptions(in_flight=1 if strict else 4)
        streamer = HttpStreamer(client, known, options=options, on_progress=told)
        with suppress(asyncio.CancelledError):
            await streamer.replay(made, speed=speed)
            if live:
                await streamer.follow(made)
        return streamer.report


async def _to_kafka(
    here: Context, made: Simulation, speed: float, told: OnProgress
) -> StreamReport:
    key = required_key(_KEY, SecretStr(here.credentials.environment()[_KEY]))
    sink = KafkaSink(
        here.bootstrap_servers, prefix=here.settings.topic_prefix, client_id="simulator"
    )
    await sink.start()
    try:
        streamer = KafkaStreamer(
            sink,
            Pseudonymiser(here.settings.pseudonym_key_id, key),
            partitions=here.settings.partitions,
            on_progress=told,
        )
        return await streamer.replay(made, speed=speed)
    finally:
        await sink.stop()


def _show(summary: dict[str, object], title: str, *, as_json: bool) -> None:
    if as_json:
        emit(summary)
    else:
        table(title, (say("what", "内容"), say("value", "值")), list(summary.items()))
