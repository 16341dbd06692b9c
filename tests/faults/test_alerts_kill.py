"""kill -9 between the provider's answer and the commit: another attempt, with the same key."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from prometheus_client import CollectorRegistry
from sqlalchemy import select

from alerts.domain.ports import Item, Receipt
from alerts.domain.retries import Retries
from alerts.jobs.bell import Bell
from alerts.jobs.lane import LaneRunner, Tools
from alerts.main import MIGRATIONS
from alerts.metrics import AlertMetrics
from alerts.repository.decisions import outbox_row
from alerts.repository.outbox import SqlOutbox
from alerts.tables import metadata, outbox
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.kernel.clock import SystemClock

CHILD = """
import asyncio, sys
from alerts.domain.ports import Receipt
from alerts.domain.retries import Retries
from alerts.jobs.bell import Bell
from alerts.jobs.lane import LaneRunner, Tools
from alerts.metrics import AlertMetrics
from alerts.repository.outbox import SqlOutbox
from prometheus_client import CollectorRegistry
from shared.db.database import Database
from shared.kernel.clock import SystemClock

async def deliver(item):
    print(item.key, flush=True)      # the provider has it now
    await asyncio.sleep(3600)        # and here the process is killed
    return Receipt("accepted")

async def main():
    box = SqlOutbox(Database(sys.argv[1]), "child", lease_s=1.0)
    tools = Tools(box, Bell(), SystemClock(), AlertMetrics(CollectorRegistry()), Retries(), 0.05)
    await LaneRunner("message", deliver, tools, batch=1).run(asyncio.Event())

asyncio.run(main())
"""


async def test_a_killed_sender_leaves_nothing_in_the_air(database_url: str, tmp_path: Path) -> None:
    """After the lease another sender hands the row over again under the same key; it ends sent."""
    database, clock = Database(database_url), SystemClock()
    await upgrade(database, MIGRATIONS, metadata)
    row = outbox_row(
        key="message_1", lane="message", alert="a", student="s", sequence=1, tier="school",
        level="orange", now=clock.now().timestamp(), channel="email", address="x@example.org",
    )  # fmt: skip
    async with database.write() as connection:
        await connection.execute(outbox.insert(), [row])
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, database_url, stdout=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    assert child.stdout is not None
    first = (await child.stdout.readline()).decode().strip()
    os.kill(child.pid, signal.SIGKILL)
    await child.wait()
    keys: list[str] = []

    async def deliver(item: Item) -> Receipt:
        keys.append(item.key)
        return Receipt("accepted")

    box = SqlOutbox(database, "parent")
    metrics = AlertMetrics(CollectorRegistry())
    lane = LaneRunner("message", deliver, Tools(box, Bell(), clock, metrics, Retries(), 0.05))
    stop = asyncio.Event()
    running = asyncio.create_task(lane.run(stop))
    async with asyncio.timeout(20):
        while True:
            async with database.read() as connection:
                state = (await connection.execute(select(outbox.c.state))).scalar_one()
            if state == "sent":
                break
            await asyncio.sleep(0.05)
    stop.set()
    await running
    assert keys == [first] == ["message_1"]
    await database.close()
