"""`lantern dead`: events and rows that were refused, and sending them again."""

import asyncio
from typing import Annotated, Any

import typer

from cli.context import context, segment
from cli.ingest_calls import IngestCalls
from cli.language import say
from cli.output import AsJson, emit, fail, out, table

app = typer.Typer(no_args_is_help=True, help="Dead letters: list, show, re-drive. 死信。")
Feed = Annotated[str | None, typer.Option(help="Only of this feed. 仅此数据源。")]
Reason = Annotated[str | None, typer.Option(help="Only with this reason. 仅此原因。")]
Stage = Annotated[str | None, typer.Option(help="ingest, features, scoring or alerts. 环节。")]


@app.command("list")
def list_letters(
    *,
    feed: Feed = None,
    reason: Reason = None,
    stage: Stage = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most. 最多条数。")] = 50,
    as_json: AsJson = False,
) -> None:
    """List dead letters, newest first; payloads stay sealed. 列出死信，内容保持加密。

    Example: lantern dead list --feed campus_card_test_swipes --stage ingest
    """
    wanted = {"feed": feed, "reason": reason, "stage": stage, "limit": limit}
    params = {name: value for name, value in wanted.items() if value is not None}
    found = _call("GET", "/v1/dead-letters", params=params)
    if as_json:
        emit(found)
        return
    keys = ("id", "feed", "stage", "reason", "field", "at", "state")
    table(say("Dead letters", "死信"), keys, [[each[k] for k in keys] for each in found["letters"]])


@app.command()
def show(
    letter: Annotated[str, typer.Argument(help="Id of the letter. 死信标识。")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show one letter with its original content; the look is logged. 显示原文，查看会留记录。

    Example: lantern dead show LETTER
    """
    found = _call("GET", f"/v1/dead-letters/{segment(letter)}")
    if as_json:
        emit(found)
    else:
        out.print_json(data=found, ensure_ascii=False)


@app.command()
def redrive(
    letter: Annotated[str | None, typer.Argument(help="One letter. 单条死信。")] = None,
    *,
    feed: Feed = None,
    reason: Reason = None,
    stage: Stage = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most. 最多条数。")] = 100,
    as_json: AsJson = False,
) -> None:
    """Send one letter, or all open ones of a feed, reason or stage, again. 重新投递死信。

    Example: lantern dead redrive --feed campus_card_test_swipes --reason bad_time
    """
    filters = {"feed": feed, "reason": reason, "stage": stage}
    chosen = {name: value for name, value in filters.items() if value is not None}
    if (letter is None) == (not chosen):
        fail("name one letter, or choose with --feed, --reason or --stage", 2)
    if letter is not None:
        done = {
            "redriven": [_call("POST", f"/v1/dead-letters/{segment(letter)}/redrive")],
            "failed": [],
        }
    else:
        done = _call("POST", "/v1/dead-letters/redrive", json={**chosen, "limit": limit})
    if as_json:
        emit(done)
        return
    columns = (say("letter", "死信"), say("status", "结果"), say("reason", "原因"))
    rows = [[r["letter"], r["result"]["status"], r["result"]["reason"]] for r in done["redriven"]]
    rows += [[each, "failed", None] for each in done["failed"]]
    table(say("Re-driven", "已重新投递"), columns, rows)


def _call(method: str, path: str, **more: Any) -> Any:  # noqa: ANN401 - a JSON document
    return asyncio.run(IngestCalls(context(), patience_s=5.0).call(method, path, **more))
