"""The time edge: looks at the bundle's folder and reloads when it has changed."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

from scoring.metrics import ScoringMetrics
from scoring.service.assessing import Reload, ScoringService
from shared.bundle.reading import fingerprint
from shared.observability.logging import get_logger

Folder = Callable[[], Path]
log = get_logger("scoring.models")


class ModelJob:
    """Reloads on demand and on change, and tells metrics and log of the outcome."""

    def __init__(self, service: ScoringService, metrics: ScoringMetrics, folder: Folder) -> None:
        self._service = service
        self._metrics = metrics
        self._folder = folder
        self._seen: str | None = None
        self._lock = threading.Lock()

    def reload(self) -> Reload:
        """Reload now; one after the other, so that what was seen is what is served."""
        with self._lock:
            return self._reload()

    def _reload(self) -> Reload:
        self._seen = fingerprint(self._folder())
        done = self._service.reload()
        self._metrics.reloaded(done.outcome, done.model)
        if done.refusal:
            log.error(
                "model.refused",
                reason=done.refusal.reason,
                detail=done.refusal.detail,
                serving=done.model,
            )
        else:
            log.info("model.reloaded", outcome=done.outcome, model=done.model)
        return done

    def look(self) -> Reload | None:
        """Reload if manifest or signature changed since the last reload."""
        with self._lock:
            return self._reload() if fingerprint(self._folder()) != self._seen else None

    async def watch(self, stop: asyncio.Event, *, interval_s: float) -> None:
        """Look every so often, until `stop` is set."""
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), interval_s)
            except TimeoutError:
                await asyncio.to_thread(self.look)
