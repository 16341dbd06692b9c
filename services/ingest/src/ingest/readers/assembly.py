"""Joins the parts of imports for `main`."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ingest.domain.imports import AcceptPath
from ingest.domain.ticks import Boundaries
from ingest.readers.runner import ImportRunner
from ingest.readers.store import SqlImportStore
from ingest.readers.uploads import Uploads
from ingest.service.imports import ImportService
from shared.db.database import Database
from shared.kernel.clock import Clock

_ID_LABEL = b"lantern ingest: ids of imported events, v1"
_MINUTE = 16  # characters of YYYY-MM-DDTHH:MM


@dataclass(frozen=True)
class Imports:
    """What `main` wires: routes take `service` and `uploads`, the process runs `runner.run`."""

    service: ImportService
    uploads: Uploads
    runner: ImportRunner


def build_imports(
    database: Database,
    accept_path: AcceptPath,
    clock: Clock,
    *,
    home: Path,
    instance: str,
    pseudonym_key: bytes,
    boundaries: Boundaries,
    max_bytes: int,
) -> Imports:
    """Join store, uploads, use case and runner; nothing is touched before the runner starts."""
    id_key = hmac.new(pseudonym_key, _ID_LABEL, hashlib.sha256).digest()
    uploads = Uploads(home / "imports", id_key, clock, max_bytes=max_bytes)
    service = ImportService(
        store=SqlImportStore(database, clock, instance),
        staging=uploads,
        accept_path=accept_path,
        clock=clock,
        span_of=spans(boundaries),
    )
    return Imports(service, uploads, ImportRunner(service))


def spans(boundaries: Boundaries) -> Callable[[str], str]:
    """Return what names the stretch between two ticks that a moment lies in."""

    @lru_cache(maxsize=10_000)
    def span_of_minute(minute: str) -> str:
        try:
            return boundaries.after(f"{minute}:00Z")
        except OverflowError:  # the end of year 9999: the accept path will refuse it
            return minute

    return lambda at: span_of_minute(at[:_MINUTE])
