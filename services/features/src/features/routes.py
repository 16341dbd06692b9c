"""The REST interface: one student's vector, days and coverage; catalogue, counts, digests."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query

from features import models
from features.domain import answers, digests
from features.domain.state import PartitionState
from features.service import FeatureService
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import Scope, require
from shared.features.catalogue import catalogue_hash, describe
from shared.kernel.campus_time import parse_utc
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFoundError, RuleBrokenError
from shared.web.problems import declared

T = TypeVar("T")
_EPOCH = date(1970, 1, 1).toordinal()
_PROBLEMS = declared(
    {
        400: "the request breaks a rule",
        401: "no valid token",
        403: "not permitted",
        404: "not known here",
        422: "malformed",
        503: "not able to answer now",
    }
)


def build_router(
    service: FeatureService,
    authenticate: Authenticate,
    *,
    clock: Clock,
    turn: asyncio.Lock,
    stale_after_s: float,
) -> APIRouter:
    """Return the router; `turn` is held by the stream worker while it applies a batch."""
    router = APIRouter(prefix="/v1", responses=_PROBLEMS)
    reader = _Reader(service, clock, turn, stale_after_s=stale_after_s)
    _add_students(router, reader, authenticate)
    _add_whole(router, reader, authenticate)
    return router


def _add_students(router: APIRouter, reader: "_Reader", authenticate: Authenticate) -> None:
    caller = Annotated[Actor, Depends(authenticate)]

    @router.get("/students/{pseudonym}/vector", tags=["students"])
    async def vector(pseudonym: models.Pseudonym, actor: caller) -> models.VectorOut:
        """Return a student's indicators as they stand now, each with its coverage."""
        return await reader.vector(actor, pseudonym)

    @router.get("/students/{pseudonym}/days", tags=["students"])
    async def days(
        pseudonym: models.Pseudonym,
        actor: caller,
        first: Annotated[date | None, Query(alias="from")] = None,
        last: Annotated[date | None, Query(alias="to")] = None,
    ) -> models.DaysOut:
        """Return a student's daily aggregates of the ring, by slot name."""
        return await reader.days(actor, pseudonym, first, last)

    @router.get("/students/{pseudonym}/coverage", tags=["students"])
    async def coverage(pseudonym: models.Pseudonym, actor: caller) -> models.CoverageOut:
        """Return what the feeds delivered of what was due for a student."""
        return await reader.coverage(actor, pseudonym)


def _add_whole(router: APIRouter, reader: "_Reader", authenticate: Authenticate) -> None:
    caller = Annotated[Actor, Depends(authenticate)]

    @router.get("/catalogue", tags=["catalogue"])
    async def catalogue(actor: caller) -> models.CatalogueOut:
        """Return every indicator, in the order of a vector's values."""
        require(actor, "catalogue.read")
        rows = [models.IndicatorOut.model_validate(row) for row in describe()]
        return models.CatalogueOut(hash=catalogue_hash(), indicators=rows)

    @router.get("/counts", tags=["operations"])
    async def counts(actor: caller) -> models.CountsOut:
        """Return what became of each feed's events."""
        require(actor, "counts.read")
        return await reader.counts()

    @router.get("/state/digest", tags=["operations"])
    async def digest(actor: caller) -> models.DigestOut:
        """Return one hash of all aggregates and one of all vectors, to compare two runs."""
        require(actor, "state.digest")
        return await reader.digest()


class _Reader:
    """Reads the state between two batches, on a thread."""

    def __init__(
        self, service: FeatureService, clock: Clock, turn: asyncio.Lock, *, stale_after_s: float
    ) -> None:
        self._service = service
        self._clock = clock
        self._turn = turn
        self._stale_after_s = stale_after_s

    async def vector(self, actor: Actor, student: str) -> models.VectorOut:
        found = await self._of_student(
            actor,
            student,
            lambda state: answers.vector_of(self._service.emitter, state, student),
        )
        vector, age = found.vector, self._age_s(found.vector.as_of)
        return models.VectorOut(
            student=student,
            position=vector.position,
            as_of=vector.as_of,
            event_time=vector.event_time,
            window_start=vector.window_start,
            catalogue=vector.catalogue,
            status="stale" if age > self._stale_after_s else "current",
            age_s=age,
            is_published=found.is_published,
            college=vector.college,
            masked=vector.masked,
            exam=vector.exam,
            dead_feeds=vector.dead_feeds,
            indicators=[models.ReadingOut(**vars(one)) for one in found.readings],
        )

    async def days(
        self, actor: Actor, student: str, first: date | None, last: date | None
    ) -> models.DaysOut:
        if first and last and first > last:
            raise RuleBrokenError("empty_range", "`from` is after `to`", field="from")
        low = first.toordinal() - _EPOCH if first else 0
        high = last.toordinal() - _EPOCH if last else date.max.toordinal()
        found = await self._of_student(
            actor, student, lambda state: answers.days_of(state, student, low, high)
        )
        days = [models.DayOut(day=_day_text(one.day), slots=one.slots) for one in found]
        return models.DaysOut(student=student, days=days)

    async def coverage(self, actor: Actor, student: str) -> models.CoverageOut:
        def read(state: PartitionState) -> tuple[answers.CoverageAnswer, str] | None:
            emitter = self._service.emitter
            found = answers.coverage_of(emitter, state, student)
            answer = answers.vector_of(emitter, state, student)
            return None if found is None or answer is None else (found, answer.vector.as_of)

        found, as_of = await self._of_student(actor, student, read)
        age = self._age_s(as_of)
        return models.CoverageOut(
            student=student,
            status="stale" if age > self._stale_after_s else "current",
            age_s=age,
            days=[_day_text(day) for day in found.days],
            types=found.types,
            masked=list(found.masked),
            indicators=found.indicators,
            dead_feeds=list(found.dead_feeds),
        )

    async def counts(self) -> models.CountsOut:
        async with self._turn:
            found = self._service.counts()
        feeds = {feed: _feed_counts(counts) for feed, counts in found.items()}
        total = [sum(column) for column in zip(*found.values(), strict=True)] or [0, 0, 0, 0]
        return models.CountsOut(feeds=feeds, total=_feed_counts(total))

    async def digest(self) -> models.DigestOut:
        def read() -> models.DigestOut:
            states = [self._service.states[number] for number in sorted(self._service.states)]
            return models.DigestOut(
                aggregates=digests.aggregates(self._service.pool, states),
                vectors=digests.vectors(self._service.pool, states),
                partitions=[state.number for state in states],
            )

        async with self._turn:
            return await asyncio.to_thread(read)

    async def _of_student(
        self, actor: Actor, student: str, read: Callable[[PartitionState], T | None]
    ) -> T:
        known = self._service.facts.students.get(student)
        scope = Scope(student=student)
        if known is not None:
            scope = Scope(known.school or None, known.college or None, known.team or None, student)
        require(actor, "features.read", scope)
        async with self._turn:
            state = self._service.state_of(student)
            found = None if state is None else await asyncio.to_thread(read, state)
        if found is None:
            raise NotFoundError("student_unknown", "no state of this student is held here")
        return found

    def _age_s(self, as_of: str) -> float:
        return max(0.0, (self._clock.now() - parse_utc(as_of)).total_seconds())


def _feed_counts(counts: list[int]) -> models.FeedCounts:
    applied, late, dead, duplicate = counts
    return models.FeedCounts(applied=applied, late=late, dead=dead, duplicate=duplicate)


def _day_text(number: int) -> str:
    return date.fromordinal(number + _EPOCH).isoformat()
