"""The policy's bands beside the cuts of the model in service.

The policy owns what opens an alert. A bundle's cuts are what its makers propose, for a number of
students that they counted; comparison, estimates and labels go by them. Where the two are not the
same, people read figures of other levels than those that open alerts.
"""

import asyncio
import math
from collections.abc import Mapping
from typing import Any

from cli.context import Context
from shared.kernel.errors import UnavailableError
from shared.web.client import HttpClient

_OK = 200
_TIMEOUT_S = 3.0


def differing(models: Mapping[str, Any], policy: Mapping[str, Any]) -> list[str]:
    """Name each level at which the policy rises elsewhere than the model in service cuts."""
    rises = {band["level"]: band["rise_at"] for band in policy["bands"]}
    return [
        f"{level}: {rises.get(level, '–')} ≠ {cut}"
        for model in models["serving"]
        for level, cut in model["thresholds"].items()
        if not math.isclose(rises.get(level, math.nan), cut)
    ]


async def compared(here: Context) -> list[str] | None:
    """Ask scoring and alerts; None when one of them does not answer or no model serves."""
    asked = (("scoring", "/v1/models"), ("alerts", "/v1/policy"))
    clients = [here.client(service, timeout_s=_TIMEOUT_S) for service, _ in asked]
    try:
        models, policy = await asyncio.gather(
            *(_told(client, path) for client, (_, path) in zip(clients, asked, strict=True))
        )
    except UnavailableError:
        return None
    return differing(models, policy) if models and policy and models["serving"] else None


async def _told(client: HttpClient, path: str) -> dict[str, Any] | None:
    async with client:
        answer = await client.get(path)
    return answer.json() if answer.status_code == _OK else None
