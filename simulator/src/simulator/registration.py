"""The synthetic campus's feeds, registered with ingest; one fresh API key each."""

from shared.kernel.errors import LanternError
from shared.web.client import HttpClient
from simulator.feeds import FEEDS, Feed

_OK = frozenset({200, 201})


async def register_feeds(client: HttpClient, *, owner: str = "simulator") -> dict[str, str]:
    """Register (or update) every feed and return an API key a feed.

    `client` carries a token that may `feed.manage`.

    Raises:
        LanternError: ingest refused; the message says what it answered.
    """
    return {feed.name: await _register(client, feed, owner) for feed in FEEDS.values()}


async def _register(client: HttpClient, feed: Feed, owner: str) -> str:
    body = {"owner": owner, "types": list(feed.types), "cadence_s": feed.cadence_s}
    answer = await client.request("PUT", f"/v1/feeds/{feed.name}", json=body)
    if answer.status_code not in _OK:
        raise LanternError(f"feed {feed.name}: {answer.status_code} {answer.text[:300]}")
    key = await client.post(f"/v1/feeds/{feed.name}/keys", json={})
    if key.status_code not in _OK:
        raise LanternError(f"key of feed {feed.name}: {key.status_code} {key.text[:300]}")
    return str(key.json()["key"])
