"""The import use case: ask for one, run it to its end, go on after a crash."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from ingest.domain.imports import (
    AcceptPath,
    FileProgress,
    Import,
    ImportPlan,
    ImportStore,
    OpensStaging,
    Pending,
    Position,
    RefusedRow,
    RowFault,
    StagedRow,
    Staging,
    Tally,
)
from ingest.domain.results import EventResult, Fault
from shared.kernel.clock import Clock
from shared.kernel.errors import (
    NotFoundError,
    RuleBrokenError,
    ServiceAwayError,
    UnavailableError,
)
from shared.kernel.ids import new_id

_STAGE_ROWS = 5_000
_BATCH_ROWS = 1_000
_FILTERED = "filtered:"


class ImportService:
    """Imports run one after the other, so that their events have one order.

    `span_of` gives the stretch of time that a moment belongs to; a batch never crosses two, so that
    ticks stand at the same places of the log whatever the batches are.
    """

    def __init__(
        self,
        *,
        store: ImportStore,
        staging: OpensStaging,
        accept_path: AcceptPath,
        clock: Clock,
        span_of: Callable[[str], str],
    ) -> None:
        self._store = store
        self._staging = staging
        self._path = accept_path
        self._clock = clock
        self._span_of = span_of
        self.asked = asyncio.Event()
        self._files = asyncio.Lock()  # no file goes between an import's check and its record

    async def request(self, name: str, plan: ImportPlan) -> Import:
        """Take an import on.

        Raises:
            RuleBrokenError: a feed is not registered, a file was not uploaded or is used twice.
        """
        async with self._files:
            self._check(plan)
            now = self._clock.now()
            job = Import(new_id("import"), name, "waiting", plan, now, now)
            await self._store.add(job)
        self.asked.set()
        return job

    def _check(self, plan: ImportPlan) -> None:
        for feed in plan.feeds:
            if not self._path.has_feed(feed):
                raise RuleBrokenError("unknown_feed", f"register feed {feed} first", field="feeds")
        for file in plan.everything:
            if file.feed not in plan.feeds:
                raise RuleBrokenError("unknown_feed", "a file names no feed of this import")
            if not self._staging.has(file.sha256):
                raise RuleBrokenError("unknown_file", f"upload {file.sha256} first", field="files")

    async def get(self, import_id: str) -> tuple[Import, list[FileProgress]]:
        """Return an import and its files; raises NotFoundError."""
        job = await self._store.get(import_id)
        if job is None:
            raise NotFoundError("unknown_import", "there is no such import")
        return job, await self._store.files(import_id)

    async def newest(self, limit: int) -> list[Import]:
        return await self._store.newest(limit)

    async def faults(
        self, import_id: str, after: tuple[int, int], limit: int
    ) -> tuple[list[FileProgress], list[RowFault]]:
        """Return the files with their reasons, and a page of lines at fault."""
        _, files = await self.get(import_id)
        return files, await self._store.faults(import_id, after, limit)

    async def next_open(self) -> Import | None:
        return next(iter(await self._store.open_imports()), None)

    async def run(self, job: Import) -> None:
        """Read, merge and send one import, from where it stood.

        An error that nobody foresaw (a reader at strange bytes) fails this import alone: taken up
        again after a restart it would stop the service each time. It is told by its type, since its
        text may quote a row.

        Raises:
            UnavailableError, ServiceAwayError: try again later; the position is stored.
        """
        try:
            staging = await asyncio.to_thread(self._staging.open, job)
        except (UnavailableError, ServiceAwayError):
            raise
        except Exception as error:  # noqa: BLE001 - see above
            await self._store.finish(job.id, "failed", _reason_of(error))
            await self._release(job)
            return
        try:
            await self._stage(job, staging)
            await self._send_all(job, staging)
            await self._store.finish(job.id, "done", None)
        except (UnavailableError, ServiceAwayError):
            raise
        except Exception as error:  # noqa: BLE001 - see above
            await self._store.finish(job.id, "failed", _reason_of(error))
        finally:
            await asyncio.to_thread(staging.close)
        await asyncio.to_thread(staging.discard)
        await self._release(job)

    async def _release(self, job: Import) -> None:
        """Delete the import's files, but what another import needs or has uploaded meanwhile."""
        async with self._files:
            _, needed = await self._open()
            unneeded = job.plan.sha256s - needed
            await asyncio.to_thread(self._staging.release, unneeded, job.created_at)

    async def tidy(self) -> None:
        """Delete what a crash left behind; called once at start."""
        await asyncio.to_thread(self._staging.tidy, *await self._open())

    async def _open(self) -> tuple[frozenset[str], frozenset[str]]:
        jobs = await self._store.open_imports()
        needed = frozenset(sha256 for job in jobs for sha256 in job.plan.sha256s)
        return frozenset(job.id for job in jobs), needed

    async def _stage(self, job: Import, staging: Staging) -> None:
        while await asyncio.to_thread(staging.fill, _STAGE_ROWS):
            await self._store.staged(job.id, "staging", staging.rows, None)
        await self._store.staged(job.id, "sending", staging.rows, staging.rows)

    async def _send_all(self, job: Import, staging: Staging) -> None:
        position, tally = job.position, Tally()
        if job.pending is not None:
            rows = await asyncio.to_thread(staging.up_to, position, job.pending.end)
            tally = await self._send(staging, rows, job.pending.known)
            position = job.pending.end
        while rows := await self._after(staging, position):
            announced = self._announce(job.plan, rows)
            await self._store.advance(job.id, position, tally, announced)
            tally = await self._send(staging, rows, None)
            position = rows[-1].position
        await self._store.advance(job.id, position, tally, None)

    async def _after(self, staging: Staging, position: Position) -> list[StagedRow]:
        return await asyncio.to_thread(staging.batch, position, _BATCH_ROWS, self._span_of)

    def _announce(self, plan: ImportPlan, rows: Sequence[StagedRow]) -> Pending:
        sources = {f.number: plan.description(f.feed).source for f in plan.files}
        known = frozenset(
            index
            for index, row in enumerate(rows)
            if row.event_id and self._path.is_known(sources[row.position.file], row.event_id)
        )
        return Pending(rows[-1].position, known)

    async def _send(
        self, staging: Staging, rows: Sequence[StagedRow], known: frozenset[int] | None
    ) -> Tally:
        """Send one batch, feed by feed; the order within a feed is the order of time.

        `known` is given when the batch may have been sent before, and says what was known then.
        """
        tally = Tally()
        feed_of = staging.feed_of
        numbered = sorted(enumerate(rows), key=lambda pair: feed_of(pair[1].position.file))
        for feed, group in groupby(numbered, key=lambda pair: feed_of(pair[1].position.file)):
            mine = list(group)
            await self._refuse(feed, [row for _, row in mine if row.reason], tally)
            events = [(index, row) for index, row in mine if not row.reason]
            if events:
                results = await self._path.accept(feed, [row.body for _, row in events])
                self._enter(staging, zip(events, results, strict=True), known, tally)
        return tally

    async def _refuse(self, feed: str, rows: Sequence[StagedRow], tally: Tally) -> None:
        for row in rows:
            tally.refuse(row, row.reason or "", row.column)
        if rows:
            await self._path.refuse(feed, [_refused(row) for row in rows])

    @staticmethod
    def _enter(
        staging: Staging,
        outcomes: Iterable[tuple[tuple[int, StagedRow], EventResult]],
        known: frozenset[int] | None,
        tally: Tally,
    ) -> None:
        seen: set[str | None] = set()
        for (index, row), result in outcomes:
            if result.status == "rejected":
                column = staging.column_of(row.position.file, result.field)
                tally.refuse(row, result.reason or "rejected", column)
                continue
            was_known = known is not None and (index in known or row.event_id in seen)
            is_repeat = was_known if known is not None else result.status == "duplicate"
            tally.enter(row, is_repeat=is_repeat)
            seen.add(row.event_id)


def _reason_of(error: Exception) -> str:
    if isinstance(error, RuleBrokenError | NotFoundError):
        return f"{error.code}: {error.detail}"
    return f"unforeseen_error: {type(error).__name__}"


def _refused(row: StagedRow) -> RefusedRow:
    reason = row.reason or "rejected"
    where = f"line {row.position.line} of file {row.position.file}"
    return RefusedRow(row.body, Fault(reason, where, row.column), not reason.startswith(_FILTERED))
