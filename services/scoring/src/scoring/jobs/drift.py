"""Measures drift every so often, and tells metrics and log."""

import asyncio

from scoring.metrics import ScoringMetrics
from scoring.service.watching import DriftReport, Watching
from shared.drift.groups import drifting
from shared.observability.logging import get_logger

log = get_logger("scoring.drift")


class DriftJob:
    """One measurement after the other; a person's question does not wait for it."""

    def __init__(self, watching: Watching, metrics: ScoringMetrics) -> None:
        self._watching = watching
        self._metrics = metrics

    async def look(self) -> DriftReport:
        """Measure now."""
        report = await self._watching.measure()
        self._metrics.drift(report.groups)
        for group, indicator, one in drifting(report.groups):
            log.warning(
                "drift.found",
                by=group.by,
                group=group.name,
                indicator=indicator,
                verdict=one.verdict,
                psi=one.psi,
            )
        return report

    async def watch(self, stop: asyncio.Event, *, interval_s: float) -> None:
        """Measure every so often, until `stop` is set."""
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), interval_s)
            except TimeoutError:
                await self.look()
