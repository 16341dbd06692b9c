"""Back-propagation of all members at once: Adam with decoupled decay, watched after every pass."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.network.members import Members

Array = NDArray[Any]
Loss = Literal["log", "weighted", "focal"]
_FOCUS = 2.0
_WATCH_ROWS = 8192


@dataclass(frozen=True)
class Schedule:
    """How long and how hard: `passes` over the rows at most, `patience` passes without gain."""

    rate: float = 2e-3
    decay: float = 0.1
    batch: int = 256
    passes: int = 60
    patience: int = 10
    loss: Loss = "log"
    seed: int = 0


@dataclass(frozen=True)
class Examples:
    """`batch` maps row numbers to inputs `[b, d]`, soft targets and weights `[b, m]`.

    A weight of 0 says that the row is not this member's to learn.
    """

    rows: int
    batch: Callable[[Array], tuple[Array, Array, Array]]


@dataclass(frozen=True)
class Watched:
    """Rows that nobody among the members that answer for them has learned from."""

    inputs: Callable[[Array], Array]
    label: Array
    answers: Array  # [w, m]: 1 where the member answers for the row

    def __len__(self) -> int:
        return len(self.label)


@dataclass(frozen=True)
class Outcome:
    """Parameters after the best pass, the loss a pass (0: before the first), watched logits."""

    best: int
    curve: list[float]
    parameters: dict[str, Array]
    logits: Array


def train(
    net: Members,
    examples: Examples,
    watched: Watched,
    schedule: Schedule,
    *,
    tell: Callable[[int, int, float], None] = lambda *_: None,
) -> Outcome:
    """Train and keep the pass after which the watched loss of all members together was least."""
    optimiser = torch.optim.AdamW(
        net.parameters(), lr=schedule.rate, weight_decay=schedule.decay, betas=(0.9, 0.99)
    )
    order = np.random.default_rng(schedule.seed)
    steps = max(1, -(-examples.rows // schedule.batch)) * schedule.passes
    warm = max(1, steps // 20)
    planned = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / warm) * (1.0 - 0.95 * step / steps)
    )
    best, waited = _watch(net, watched, 0, []), 0
    curve = best.curve
    for number in range(1, schedule.passes + 1):
        net.train()
        for rows in np.array_split(
            order.permutation(examples.rows), max(1, -(-examples.rows // schedule.batch))
        ):
            optimiser.zero_grad()
            _loss(net, examples, rows, schedule.loss).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            planned.step()
        seen = _watch(net, watched, number, curve)
        curve = seen.curve
        tell(number, schedule.passes, curve[-1])
        if curve[-1] < min(curve[:-1]) - 1e-6:
            best, waited = seen, 0
        elif (waited := waited + 1) >= schedule.patience:
            break
    return Outcome(best.best, curve, best.parameters, best.logits)


def _loss(net: Members, examples: Examples, rows: Array, kind: Loss) -> Tensor:
    inputs, target, weight = (
        torch.as_tensor(part, dtype=torch.get_default_dtype()) for part in examples.batch(rows)
    )
    logits = net(inputs)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    if kind == "focal":
        chance = torch.sigmoid(logits)
        loss = loss * (target * (1 - chance) + (1 - target) * chance) ** _FOCUS
    # each member's mean; the sum over members, so that none learns slower for having company
    return (loss * weight).sum(dim=0).div(weight.sum(dim=0).clamp_min(1e-9)).sum()


def watched_logits(net: Members, watched: Watched) -> Array:
    """Return for each watched row the mean logit of the members that answer for it."""
    net.eval()
    out = np.empty(len(watched))
    with torch.no_grad():
        for start in range(0, len(watched), _WATCH_ROWS):
            rows = np.arange(start, min(start + _WATCH_ROWS, len(watched)))
            inputs = torch.as_tensor(watched.inputs(rows), dtype=torch.get_default_dtype())
            found = net(inputs).numpy().astype(np.float64)
            answers = watched.answers[rows]
            out[rows] = (found * answers).sum(axis=1) / answers.sum(axis=1)
    return out


def _watch(net: Members, watched: Watched, number: int, curve: list[float]) -> Outcome:
    logits = watched_logits(net, watched)
    loss = float(np.mean(np.logaddexp(0.0, logits) - watched.label * logits))
    return Outcome(number, [*curve, loss], net.snapshot(), logits)
