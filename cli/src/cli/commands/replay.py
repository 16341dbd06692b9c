"""`lantern replay FOLDER`: a folder of files through the real pipeline, and do the sums fit?"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from cli.broker import ensure_broker, local_broker
from cli.commands.feeds import show_progress
from cli.commands.state import digests
from cli.commands.up import refuse_a_second_start, replaying, supervised
from cli.context import Context, context
from cli.counting import COUNTED, FeedSums, caught_up, feature_counts, print_sums, sums_of, total_of
from cli.feeding import Chosen, FeedsFolder, Ingest, known_sets
from cli.language import say
from cli.output import AsJson, emit, err, fail, out, progress, table, waiting
from cli.prechecks import refuse_what_cannot_start
from cli.readiness import own_condition
from ingest.readers.folders import Matched, match_folder
from shared.kernel.campus_time import campus_day, day_start, format_utc, parse_utc
from shared.kernel.errors import RuleBrokenError

Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A folder. 文件夹。")]
Budget = Annotated[
    float, typer.Option("--wait", help="Seconds to wait for the pipeline. 等待秒数。", min=1)
]


def replay(
    folder: Folder,
    *,
    feeds: FeedsFolder = None,
    wait: Budget = 600.0,
    as_json: AsJson = False,
) -> None:
    """Replay all streams of a folder, merged by time, and check the sums. 按时间重放整个文件夹。

    Where no services run, it starts them as `lantern up --processes --replay` does, prints the
    state's hashes too, and stops them again. Exit code 1 when read is not accepted + duplicate +
    rejected, or accepted is not applied + late + dead, for any feed.

    Example: lantern replay ../shared/data/campus_card --json
    """
    try:
        matched = match_folder(folder, known_sets(feeds))
    except RuleBrokenError as error:
        fail(f"{folder.name}: {error.detail}", 2)
    here = context()
    with installed(here) as is_ours:
        document = asyncio.run(replay_folder(here, folder, matched, wait))
        if is_ours:
            document["digest"] = asyncio.run(digests(here))
    if as_json:
        emit(document)
    else:
        _print(document)
    raise typer.Exit(0 if document["adds_up"] else 1)


@contextmanager
def installed(here: Context) -> Iterator[bool]:
    """Run the services for a replay unless they run already; yield whether we started them."""
    if asyncio.run(own_condition(here, "ingest")).health != "away":
        yield False
        return
    refuse_a_second_start(here)
    refuse_what_cannot_start(here, replaying())
    is_our_broker = ensure_broker(here)
    try:
        with supervised(here, **replaying()):
            yield True
    finally:
        if is_our_broker:
            local_broker(here).down()


async def replay_folder(
    here: Context, folder: Path, matched: Matched, wait_s: float
) -> dict[str, Any]:
    """Import the files, close the last day, wait for the pipeline; return the document."""
    started = asyncio.get_running_loop().time()
    ingest, chosen = Ingest(here), Chosen(folder, matched.feeds)
    names = [description.feed for description in chosen.descriptions]
    await ingest.register(chosen.descriptions)
    await ingest.wait_for_others(wait_s)
    before = await _quiet(here, names, wait_s)
    done = await _import(ingest, folder.name, chosen)
    tick = await _close(here, ingest, done)
    after = await _settled(here, names, before, done=done, wait_s=wait_s)
    sums = sums_of(names, done["files"], before, after)
    total = total_of(sums)
    return {
        "folder": folder.name,
        "set": matched.feed_set.set,
        "import": done["id"],
        "feeds": {feed: _shown(each, _reasons(done, feed)) for feed, each in sums.items()},
        "total": _shown(total, done["reasons"]),
        "adds_up": all(each.adds_up for each in sums.values()) and total.adds_up,
        "skipped": [{"file": f, "reason": en, "reason_zh": zh} for f, en, zh in matched.skipped],
        "absent": list(matched.absent),
        "not_described": list(matched.other),
        "tick": tick,
        "seconds": round(asyncio.get_running_loop().time() - started, 1),
    }


async def _quiet(here: Context, feeds: list[str], wait_s: float) -> dict[str, dict[str, int]]:
    """Return features' counts once everything sent earlier has been applied."""
    found = await caught_up(here, feeds, wait_s)
    if found is None:
        fail("features has not caught up with earlier events; see `lantern ps`")
    return found


async def _import(ingest: Ingest, name: str, chosen: Chosen) -> dict[str, Any]:
    files = sum(len(names) for _, names in chosen.feeds) + sum(1 for _ in chosen.lookups())
    with progress() as bar:
        upload = bar.add_task(say("upload", "上传"), total=files)
        import_id = await ingest.start(name, chosen, lambda: bar.advance(upload))
        task = bar.add_task(say("import", "导入"), total=None)
        return await ingest.follow(import_id, lambda seen: show_progress(bar, task, seen))


async def _close(here: Context, ingest: Ingest, done: Mapping[str, Any]) -> str | None:
    """Publish a tick at the end of the last event's campus day."""
    if not done["event_time"]:
        return None
    moment = closing_tick(parse_utc(done["event_time"]), here.zone)
    answer = await ingest.call("POST", "/v1/ticks", json={"time": moment})
    if not answer["published"] and done["counts"]["accepted"]:
        err.print(
            say(
                "note: the services' time has passed the last event already, so events were late or"
                " absence was not judged at their end. Replay old terms into a fresh home folder,"
                " oldest first, with services started by `lantern up --replay`",
                "提示：服务时间已晚于最后事件，事件可能被判为迟到，末尾未判断缺席。重放旧学期请使用"
                "新的 LANTERN_HOME，按时间先后进行，并以 `lantern up --replay` 启动服务",
            ),
            style="yellow",
        )
    return moment


def closing_tick(last_event: datetime, zone: ZoneInfo) -> str:
    """Return the first moment after the campus day of the last event."""
    return format_utc(day_start(campus_day(last_event, zone) + timedelta(days=1), zone))


async def _settled(
    here: Context,
    feeds: list[str],
    before: Mapping[str, Mapping[str, int]],
    *,
    done: Mapping[str, Any],
    wait_s: float,
) -> dict[str, dict[str, int]]:
    """Return features' counts when all is applied and nobody lags, or when patience ends."""
    sent = sums_of(feeds, done["files"], before, before)
    wanted = {feed: sums.accepted for feed, sums in sent.items()}
    with waiting(say("waiting for features, scoring and alerts …", "等待特征、评分与预警处理 …")):
        found = await caught_up(here, feeds, wait_s, before=before, wanted=wanted)
    if found is None:
        err.print(say("not everything was applied in time", "未能按时处理完毕"), style="red")
    return found if found is not None else await feature_counts(here, feeds)


def _reasons(done: Mapping[str, Any], feed: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for file in done["files"]:
        if file["feed"] == feed:
            for reason, count in file["reasons"].items():
                found[reason] = found.get(reason, 0) + count
    return found


def _shown(sums: FeedSums, reasons: Mapping[str, int]) -> dict[str, Any]:
    numbers = {name: getattr(sums, name) for name in COUNTED}
    return {**numbers, "adds_up": sums.adds_up, "reasons": dict(reasons)}


def _print(document: Mapping[str, Any]) -> None:
    feeds = document["feeds"].items()
    sums = {feed: FeedSums(*(found[name] for name in COUNTED)) for feed, found in feeds}
    print_sums(f"{document['folder']} ({document['set']})", sums)
    reasons = document["total"]["reasons"]
    if reasons:
        words = (say("rejected because", "拒绝原因"), say("rows", "行数"))
        table(say("Reasons", "原因"), words, list(reasons.items()))
    if "digest" in document:
        table(
            say("State", "状态"), (say("what", "内容"), "SHA-256"), list(document["digest"].items())
        )
    for skipped in document["skipped"]:
        reason = say(skipped["reason"], skipped["reason_zh"])
        out.print(say("skipped", "跳过") + f" {skipped['file']}: {reason}", highlight=False)
    for name in document["not_described"]:
        out.print(say("not described", "无描述") + f": {name}", highlight=False)
