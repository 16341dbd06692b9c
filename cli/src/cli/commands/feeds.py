"""`lantern feeds`: descriptions of file feeds, and importing files through them."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import TaskID

from cli import downstream
from cli.context import context
from cli.counting import HANDLED, TAKEN
from cli.feeding import Chosen, FeedsFolder, Ingest, find_feed, known_sets
from cli.language import say
from cli.output import AsJson, emit, fail, out, progress, table, warn
from ingest.domain.mapping import RowMapper
from ingest.domain.mapping_description import FeedDescription
from ingest.domain.mapping_outcome import Refused, RowRefusedError
from ingest.readers.descriptions import load_description
from ingest.readers.folders import files_of
from ingest.readers.lookups import read_lookup
from ingest.readers.rows import FeedFile
from shared.kernel.errors import RuleBrokenError

app = typer.Typer(no_args_is_help=True, help="File feeds: describe, check, import. 文件数据源。")
FeedName = Annotated[str, typer.Option("--feed", help="Id of the feed. 数据源标识。")]
AFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file. 文件。")]
_SHOWN = 20
_TRIAL_KEY = b"\0" * 32  # ids of a trial run are thrown away


@app.command("list")
def list_feeds(*, feeds: FeedsFolder = None, as_json: AsJson = False) -> None:
    """List the described feeds. 列出已描述的数据源。

    Example: lantern feeds list
    """
    found = [(s.set, d) for s, descriptions in known_sets(feeds) for d in descriptions]
    if as_json:
        emit({"feeds": [_summary(name, description) for name, description in found]})
        return
    columns = (say("set", "集合"), say("feed", "数据源"), say("title", "名称"), say("type", "类型"))
    cells = [[name, d.feed, say(d.title.en, d.title.zh), d.type] for name, d in found]
    table(say("Feeds", "数据源"), columns, cells)


def _summary(set_name: str, description: FeedDescription) -> dict[str, Any]:
    titled = description.model_dump(mode="json", include={"feed", "title", "owner", "type"})
    return {"set": set_name, **titled}


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Id of the feed. 数据源标识。")],
    *,
    feeds: FeedsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show one description with everything that it inherits. 显示完整描述。

    Example: lantern feeds show campus_card_test_swipes
    """
    document = find_feed(feeds, name).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if as_json:
        emit(document)
    else:
        out.print_json(data=document, ensure_ascii=False)


@app.command()
def validate(file: AFile, *, as_json: AsJson = False) -> None:
    """Check a description; every fault is told with file, line and key. 检查描述文件。

    Example: lantern feeds validate feeds/campus_card/test-swipes.yaml
    """
    description = load_description(file)  # a fault ends the command with one readable line
    document = {"valid": True, "feed": description.feed, "type": description.type}
    if as_json:
        emit(document)
    else:
        out.print(say(f"✓ {description.feed}: valid", f"✓ {description.feed}：有效"))


@app.command()
def check(
    file: AFile,
    *,
    feed: FeedName,
    feeds: FeedsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Map a file without sending anything and list each bad line. 试运行：只检查，不发送。

    Example: lantern feeds check export.csv --feed campus_card_test_swipes
    """
    chosen = _chosen(file, feed, feeds)
    document = _trial(chosen)
    if as_json:
        emit(document)
        return
    _print_report(document)


@app.command("import")
def import_file(
    file: AFile,
    *,
    feed: FeedName,
    feeds: FeedsFolder = None,
    wait: Annotated[
        float, typer.Option("--wait", min=0, help="Seconds to wait for features. 等待秒数。")
    ] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Import a file; safe to repeat, goes on after an interruption. 导入文件，可重复、可续传。

    Says what features did with the new rows. Exit code 1 when it took none of them, as with a term
    that is over: that is for `lantern replay`.

    Example: lantern feeds import export.csv --feed campus_card_test_swipes
    """
    document, outcome = asyncio.run(_import(_chosen(file, feed, feeds), file.name, wait))
    if as_json:
        emit(document)
    else:
        _print_import(feed, document)
    for warning in downstream.warnings(feed, outcome):
        warn(warning)
    if outcome and outcome.is_lost:
        raise typer.Exit(1)


def _print_import(feed: str, document: dict[str, Any]) -> None:
    figures = {**document["counts"], **(document["downstream"] or {})}
    handled = (*HANDLED, "waiting")
    table(feed, TAKEN, [[figures[name] for name in TAKEN]])
    table(
        say("What features did with them", "特征服务的处理结果"),
        handled,
        [[figures.get(name) for name in handled]],
    )
    _print_report(document)


@app.command()
def register(
    names: Annotated[list[str], typer.Argument(help="Ids of the feeds. 数据源标识。")],
    *,
    feeds: FeedsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Register feeds with ingest; safe to repeat. 在 ingest 中登记数据源。

    Example: lantern feeds register campus_card_test_swipes campus_card_test_gate
    """
    descriptions = [find_feed(feeds, name) for name in names]
    asyncio.run(Ingest(context()).register(descriptions))
    if as_json:
        emit({"registered": names})
    else:
        out.print(say("registered: ", "已登记：") + ", ".join(names))


@app.command()
def imports(*, as_json: AsJson = False) -> None:
    """List the newest imports and how far they are. 列出最近的导入。

    Example: lantern feeds imports
    """
    found = asyncio.run(Ingest(context()).call("GET", "/v1/imports"))
    if as_json:
        emit({"imports": found})
        return
    keys = ("id", "name", "state", "staged", "total", "event_time", "error")
    table(say("Imports", "导入"), keys, [[each[key] for key in keys] for each in found])


def _chosen(file: Path, feed: str, feeds: Path | None) -> Chosen:
    """Take one file for a feed, whatever its name; lookups lie beside it as described."""
    description = find_feed(feeds, feed)
    folder = file.resolve().parent
    for key, lookup in description.lookups.items():
        if not files_of(folder, lookup.file):
            fail(f"lookup {key!r}: no {', '.join(lookup.file.glob)} beside the file", 2)
    return Chosen(folder, [(description, [file.name])])


async def _import(
    chosen: Chosen, name: str, wait_s: float
) -> tuple[dict[str, Any], downstream.Outcome | None]:
    here = context()
    ingest, (feed,) = Ingest(here), [description.feed for description in chosen.descriptions]
    await ingest.register(chosen.descriptions)
    before = await downstream.counts_of(here, feed)
    with progress() as bar:
        task = bar.add_task(say("import", "导入"), total=None)
        import_id = await ingest.start(name, chosen, lambda: None)
        document = await ingest.follow(import_id, lambda seen: show_progress(bar, task, seen))
    report = await ingest.call("GET", f"/v1/imports/{import_id}/report", params={"limit": 1000})
    accepted = document["counts"]["accepted"]
    outcome = await downstream.outcome_of(here, feed, before, accepted=accepted, wait_s=wait_s)
    handled = asdict(outcome) if outcome else None
    return {**document, "faults": report["faults"], "downstream": handled}, outcome


def show_progress(bar: Any, task: TaskID, seen: Any) -> None:  # noqa: ANN401 - rich and JSON
    """Move a progress bar to where an import is."""
    label = f"{seen['state']} {seen['event_time'] or ''}".strip()
    bar.update(task, description=label, completed=seen["counts"]["read"], total=seen["total"])


def _trial(chosen: Chosen) -> dict[str, Any]:
    (description, (name,)), folder = chosen.feeds[0], chosen.folder
    reasons: dict[str, int] = {}
    faults: list[dict[str, Any]] = []
    read = mapped = 0
    try:
        tables = {
            key: read_lookup(lookup, [folder / each for each in files_of(folder, lookup.file)])
            for key, lookup in description.lookups.items()
        }
        mapper = RowMapper(description, tables, _TRIAL_KEY)
        rows = FeedFile(folder / name, description.file, description.columns)
        for raw in rows:
            read += 1
            try:
                outcome = mapper.map(rows.layout.row(raw.cells()))
            except RowRefusedError as refusal:
                outcome = Refused(refusal.reason, rows.layout.name_of(refusal.column))
            if isinstance(outcome, Refused):
                reasons[outcome.reason] = reasons.get(outcome.reason, 0) + 1
                place = {"file": name, "line": raw.line}
                faults.append({**place, "column": outcome.column, "reason": outcome.reason})
            else:
                mapped += 1
    except RuleBrokenError as error:
        fail(f"{name}: {error.code}: {error.detail}")
    counts = {"read": read, "mapped": mapped, "rejected": len(faults)}
    return {"counts": counts, "reasons": reasons, "faults": faults}


def _print_report(document: dict[str, Any]) -> None:
    reasons, faults = document["reasons"], document["faults"]
    if not reasons:
        out.print(say("No bad line.", "没有错误行。"))
        return
    table(
        say("Reasons", "原因"), (say("reason", "原因"), say("rows", "行数")), list(reasons.items())
    )
    columns = (say("file", "文件"), say("line", "行"), say("column", "列"), say("reason", "原因"))
    cells = [[f["file"], f["line"], f["column"], f["reason"]] for f in faults[:_SHOWN]]
    table(say("First bad lines", "前若干错误行"), columns, cells)
