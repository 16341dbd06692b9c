"""`lantern state digest`: one hash each of aggregates, vectors, assessments and alerts."""

import asyncio
from typing import Any

import typer

from cli.context import Context, context
from cli.language import say
from cli.output import AsJson, emit, fail, table

app = typer.Typer(no_args_is_help=True, help="Compare the state of two runs. 比较两次运行的状态。")
_OWNERS = ("features", "scoring", "alerts")
_OK = 200


@app.callback()
def group() -> None:
    """Compare the state of two runs. 比较两次运行的状态。"""


@app.command()
def digest(*, as_json: AsJson = False) -> None:
    """Print the hashes; equal hashes mean equal state, bit for bit. 打印各类状态的摘要。"""
    hashes = asyncio.run(digests(context()))
    if as_json:
        emit(hashes)
        return
    table(say("State", "状态"), (say("what", "内容"), "SHA-256"), list(hashes.items()))


async def digests(here: Context) -> dict[str, str]:
    """Return `{aggregates, vectors, assessments, alerts}`, asked of the services that own them."""
    parts = await asyncio.gather(*(_ask(here, service) for service in _OWNERS))
    return {name: value for part in parts for name, value in part.items()}


async def _ask(here: Context, service: str) -> dict[str, Any]:
    async with here.client(service) as client:
        answer = await client.get("/v1/state/digest")
    if answer.status_code != _OK:
        fail(f"{service}: {answer.status_code} {answer.text[:200]}")
    document: dict[str, Any] = answer.json()
    return document
