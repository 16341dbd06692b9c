"""Runs imports one after the other, and goes on with those that a crash interrupted."""

import asyncio
from contextlib import suppress

from ingest.domain.imports import Import
from ingest.service.imports import ImportService
from shared.kernel.errors import ServiceAwayError, UnavailableError
from shared.observability.logging import get_logger

log = get_logger("ingest.imports")
_LOOK_EVERY_S = 5.0
_RETRY_S = 2.0


class ImportRunner:
    """The job that `main` starts; a broker or database that is away delays an import, no more."""

    def __init__(
        self,
        imports: ImportService,
        *,
        look_every_s: float = _LOOK_EVERY_S,
        retry_s: float = _RETRY_S,
    ) -> None:
        self._imports = imports
        self._look_every_s = look_every_s
        self._retry_s = retry_s

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; an import under way is left at its stored position."""
        await self._imports.tidy()
        work = asyncio.create_task(self._forever(), name="ingest.imports")
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not work.done():
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            return
        work.result()

    async def _forever(self) -> None:
        while True:
            try:
                await self._turn()
            except (UnavailableError, ServiceAwayError) as error:
                log.warning("import.delayed", why=str(error))
                await asyncio.sleep(self._retry_s)

    async def _turn(self) -> None:
        self._imports.asked.clear()
        job = await self._imports.next_open()
        if job is not None:
            await self._run(job)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._imports.asked.wait(), self._look_every_s)

    async def _run(self, job: Import) -> None:
        log.info("import.started", id=job.id, files=len(job.plan.files), at=job.position.at)
        await self._imports.run(job)
        done, _ = await self._imports.get(job.id)
        log.info("import.ended", id=job.id, state=done.state, rows=done.total, why=done.error)
