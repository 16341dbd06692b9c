"""HTTP in: events by feed keys, the rest by people and services with a token."""

from ingest.routes.counts import build_counts_router
from ingest.routes.events import EventLimits, build_events_router
from ingest.routes.feeds import build_feeds_router
from ingest.routes.imports import build_import_router
from ingest.routes.keys import build_keys_router
from ingest.routes.letters import build_letters_router
from ingest.routes.ticks import build_ticks_router

__all__ = [
    "EventLimits",
    "build_counts_router",
    "build_events_router",
    "build_feeds_router",
    "build_import_router",
    "build_keys_router",
    "build_letters_router",
    "build_ticks_router",
]
