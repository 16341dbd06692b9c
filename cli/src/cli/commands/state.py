"""`lantern state digest`: one hash each of aggregates, vectors, assessments and alerts."""

import asyncio
from typing import Any

import typer

from cli.context import Context, context
from cli.errors import document_of
from cli.language import say
from cli.output import AsJson, emit, table
from shared.kernel.errors import UnavailableError

app = typer.Typer(no_args_is_help=True, help="Compare the state of two runs. 比较两次运行的状态。")
_OWNERS = ("features", "scoring", "alerts")
HASHES = ("aggregates", "vectors", "assessments", "alerts")


@app.callback()
def group() -> None:
    """Compare the state of two runs. 比较两次运行的状态。"""


@app.command()
def digest(*, as_json: AsJson = False) -> None:
    """Print the hashes; equal hashes mean equal state, bit for bit. 打印各类状态的摘要。

    Two homes can agree only with the same LANTERN_PSEUDONYM_KEY, since it names the students, and
    when both were started with `lantern up --replay`, since ticks by the clock differ.

    Example: lantern state digest --json > before.json
    """
    hashes = asyncio.run(digests(context()))
    if as_json:
        emit(hashes)
        return
    table(say("State", "状态"), (say("what", "内容"), "SHA-256"), list(hashes.items()))


async def digests(here: Context) -> dict[str, str]:
    """Return `{aggregates, vectors, assessments, alerts}`, asked of the services that own them.

    Raises:
        UnavailableError: features holds only some of the partitions, so its hashes say too little.
    """
    parts = await asyncio.gather(*(_ask(here, service) for service in _OWNERS))
    answers = {name: value for part in parts for name, value in part.items()}
    held, all_of_them = len(answers.get("partitions", ())), here.settings.partitions
    if held != all_of_them and "partitions" in answers:
        raise UnavailableError(f"features holds {held} of {all_of_them} partitions")
    return {name: answers[name] for name in HASHES if name in answers}


async def _ask(here: Context, service: str) -> dict[str, Any]:
    async with here.client(service) as client:
        answer = await client.get("/v1/state/digest")
    return document_of(service, answer)
