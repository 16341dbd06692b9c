"""`POST /v1/events`: the front door."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request, Response, Security
from fastapi.security import APIKeyHeader

from ingest.domain.ports import Observer
from ingest.domain.results import TYPE_NOT_ALLOWED, EventResult
from ingest.domain.split import MEDIA_TYPES, body_kind, split
from ingest.models import EventsOut
from ingest.routes.body import read_body
from ingest.routes.responses import problems
from ingest.service import IngestService
from ingest.service.feeds import FeedService, Grant
from shared.contracts.codec import encode
from shared.kernel.errors import CallerError, UnauthenticatedError
from shared.observability.tracing import current
from shared.web.problems import problem

API_KEY = APIKeyHeader(name="X-API-Key", scheme_name="feedKey", auto_error=False)
_BEARER = "bearer "
_EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1, "maxLength": 200},
        "source": {"type": "string", "minLength": 1, "maxLength": 200},
        "type": {"type": "string"},
        "subject": {"type": "string", "minLength": 1, "maxLength": 64},
        "time": {"type": "string", "format": "date-time"},
        "data": {"type": "object"},
    },
}
_BODIES: dict[str, Any] = {
    "application/cloudevents+json": {"schema": _EVENT},
    "application/json": {"schema": _EVENT},
    "application/cloudevents-batch+json": {
        "schema": {"type": "array", "minItems": 1, "items": _EVENT}
    },
    "application/x-ndjson": {"schema": {"type": "string", "minLength": 1}},
}


@dataclass(frozen=True)
class EventLimits:
    """How much one request may hold."""

    max_body_bytes: int
    max_events: int


class _Answer(msgspec.Struct):
    read: int
    accepted: int
    duplicate: int
    rejected: int
    results: Sequence[EventResult]


def build_events_router(
    service: IngestService, feeds: FeedService, limits: EventLimits, observer: Observer
) -> APIRouter:
    """Return the router of the front door."""
    router = APIRouter(tags=["events"])

    @router.post(
        "/v1/events",
        status_code=202,
        response_class=Response,
        openapi_extra={"requestBody": {"required": True, "content": _BODIES}},
        responses={
            202: {"description": "One result an event, in order", "model": EventsOut},
            **problems(400, 401, 403, 413, 415, 429, 503),
        },
    )
    async def post_events(
        request: Request, api_key: Annotated[str | None, Security(API_KEY)] = None
    ) -> Response:
        """Take one event, a JSON batch or lines of JSON (NDJSON) under a feed's API key.

        The key comes in `X-API-Key`, or in `Authorization` as a bearer token. 202 is answered when
        the broker has acknowledged every accepted event. Rejected events are kept as dead letters.
        403 is answered when the key may send none of the events' types.
        """
        try:
            grant = feeds.authenticate(_presented(request, api_key))
            results = await _take(request, grant)
        except CallerError as error:
            observer.refused(error.code)
            raise
        return results

    async def _take(request: Request, grant: Grant) -> Response:
        kind = body_kind(request.headers.get("content-type", ""))
        if kind is None or request.headers.get("content-encoding", "identity") != "identity":
            return problem(
                415, "content_type", f"send UTF-8, uncompressed, as one of {', '.join(MEDIA_TYPES)}"
            )
        feeds.admit(grant.feed)
        body = await read_body(request, limits.max_body_bytes)
        events = split(kind, body, limits.max_events)
        feeds.charge(grant.feed, len(events))
        return _answer(await service.accept_as(grant, events, current()))

    return router


def _presented(request: Request, api_key: str | None) -> str:
    if api_key:
        return api_key
    authorization = request.headers.get("authorization", "")
    if authorization[: len(_BEARER)].lower() == _BEARER:
        return authorization[len(_BEARER) :].strip()
    raise UnauthenticatedError("api_key_missing", "an API key is needed, in X-API-Key")


def _answer(results: Sequence[EventResult]) -> Response:
    counts = Counter(result.status for result in results)
    if all(result.reason == TYPE_NOT_ALLOWED for result in results):
        return problem(
            403,
            TYPE_NOT_ALLOWED,
            "the key may send none of these event types; they were kept as dead letters",
            field="$.type",
            results=msgspec.to_builtins(results),
        )
    body = _Answer(
        len(results), counts["accepted"], counts["duplicate"], counts["rejected"], results
    )
    return Response(encode(body), 202, media_type="application/json")
