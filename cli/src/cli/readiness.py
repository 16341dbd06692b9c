"""Asking the services how they are, over HTTP."""

import asyncio
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from cli import run_files
from cli.context import Context
from cli.language import say
from shared.kernel.errors import UnavailableError

_NOBODY_LISTENS = "ConnectError"
LAG_METRIC = "lantern_stream_lag_records"


@dataclass(frozen=True)
class Condition:
    """`health` is `ready`, `not ready`, or `away`; `lag` in records, None without a consumer."""

    health: str
    detail: str = ""
    lag: int | None = None
    is_taken: bool = False
    """Something answers on the port that this home did not start."""


async def condition(context: Context, service: str) -> Condition:
    """Return the condition of one service."""
    async with context.client_of(None, service, timeout_s=3.0) as client:
        try:
            ready = await client.get("/readyz")
            metrics = await client.get("/metrics")
        except UnavailableError as error:
            is_plain = str(error).endswith(_NOBODY_LISTENS)
            return Condition("away", "" if is_plain else str(error))
    try:
        lag = lag_of(metrics.text)
    except ValueError:
        return Condition("away", taken(context, service), is_taken=True)
    health = "ready" if ready.status_code == 200 else "not ready"  # noqa: PLR2004 - HTTP
    detail = "" if health == "ready" else ready.text
    return Condition(health, detail, lag)


async def own_condition(context: Context, service: str) -> Condition:
    """Return the condition of this home's service: one of another home is not ours, so away."""
    seen = await condition(context, service)
    if seen.health == "away" or context.is_elsewhere(service):
        return seen
    run = run_files.read(context.home).get(service)
    if run is not None and run.serves(context.port(service)):
        return seen
    return Condition("away", taken(context, service), is_taken=True)


def taken(context: Context, service: str) -> str:
    """Say that what answers at a service's address is not ours."""
    if not context.is_elsewhere(service):
        return taken_port(context.port(service))
    url = context.url(service)
    return say(f"{url} is no service of Lantern", f"{url} 不是 Lantern 的服务")


def taken_port(port: int) -> str:
    """Say that a port is not ours."""
    return say(
        f"port {port} is served by another home or program",
        f"端口 {port} 由其他目录的服务或其他程序占用",
    )


def remedy_for_taken() -> str:
    return say(
        "stop it, name its home in LANTERN_HOME, set LANTERN_PORT_OFFSET=100 to move all ports, or "
        "name its address in LANTERN_<SERVICE>_URL where it is the service that you mean",
        "请停止它，或用 LANTERN_HOME 指向其目录，或设置 LANTERN_PORT_OFFSET=100 改用其他端口；"
        "若它正是要用的服务，请用 LANTERN_<SERVICE>_URL 写明其地址",
    )


def lag_of(metrics: str) -> int | None:
    """Return the summed lag of all partitions, None when nothing is consumed."""
    families = text_string_to_metric_families(metrics)
    samples = [s.value for f in families for s in f.samples if s.name == LAG_METRIC]
    return int(sum(samples)) if samples else None


async def wait_until_ready(context: Context, services: tuple[str, ...], budget_s: float) -> None:
    """Return once all are ready.

    Raises:
        UnavailableError: names what was not ready within the budget.
    """
    deadline = asyncio.get_running_loop().time() + budget_s
    while True:
        found = await asyncio.gather(*(condition(context, s) for s in services))
        waiting = {s: c for s, c in zip(services, found, strict=True) if c.health != "ready"}
        if not waiting:
            return
        if asyncio.get_running_loop().time() > deadline:
            faults = ", ".join(f"{s}: {c.health} {c.detail}".strip() for s, c in waiting.items())
            raise UnavailableError(f"not ready after {budget_s:g} s: {faults}")
        await asyncio.sleep(0.3)
