"""How well the champion does: by labels where there are some, by estimate where there are none."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from scoring.domain.agreement import Agreement, cohens_kappa
from scoring.domain.calibration import Ratio, ratios
from scoring.domain.estimate import Estimate, estimate
from scoring.domain.ports import KnownLabels, Model
from scoring.domain.standing import Standing


@dataclass(frozen=True)
class Performance:
    """Calibration by level, alerts that wait for a verdict, agreement, estimates by level."""

    model: str | None
    revision: int
    ratios: Sequence[Ratio]
    waiting: int
    agreement: Agreement
    estimates: Sequence[tuple[str, Estimate]]


async def performance(
    model: Model | None,
    now: Standing,
    labels: KnownLabels,
    probabilities: Callable[[], Awaitable[list[float]]],
) -> Performance:
    """Return how the champion does under the revision in service."""
    estimates: list[tuple[str, Estimate]] = []
    if model is not None:
        cuts = model.manifest.thresholds
        said = await probabilities()
        for level, cut in (("blue", cuts.blue), ("yellow", cuts.yellow), ("orange", cuts.orange)):
            estimates.append((level, await asyncio.to_thread(estimate, said, cut)))
    return Performance(
        model=model.manifest.model if model else None,
        revision=now.revision,
        ratios=ratios(await labels.labels(now.revision)),
        waiting=await labels.waiting(now.revision),
        agreement=cohens_kappa(await labels.pairs()),
        estimates=estimates,
    )
