"""What a training run may be asked for, and the candidates that its budget buys."""

from dataclasses import dataclass, replace

from training.network.members import Shape
from training.network.training import Loss
from training.network.weights import Activation

SMALL, LARGE = 5_000, 200_000
FOLDS_OF_LARGE = 3
_SYNTHETIC = 100_000
_VISITS = 3_000_000


@dataclass(frozen=True)
class Options:
    """Defaults suit 500 rows as 5 million; `hidden`, `second`, `activation` fix the search's."""

    seed: int = 2026
    folds: int = 5
    seeds: int | None = None
    budget: int = 6
    threads: int = 1  # for tables that are not small; small ones lose by more
    loss: Loss = "log"
    hidden: int | None = None
    second: int | None = None
    activation: Activation | None = None
    distil: bool = True


@dataclass(frozen=True)
class Candidate:
    """One setting of the search."""

    bins: int
    shape: Shape
    decay: float = 0.1
    rate: float = 2e-3
    soft: float = 0.8

    def told(self) -> dict[str, float | int | str]:
        """Return the setting as the report prints it."""
        return {
            "bins": self.bins,
            "hidden": self.shape.hidden,
            "second": self.shape.second,
            "activation": self.shape.activation,
            "dropout": self.shape.dropout,
            "decay": self.decay,
            "rate": self.rate,
            "teacher_share": self.soft,
        }


def candidates(rows: int, options: Options) -> list[Candidate]:
    """Return the settings to try, the most promising first, cut to the budget."""
    if rows < SMALL:
        found = [
            Candidate(0, Shape(32, dropout=0.1)),
            Candidate(8, Shape(32, dropout=0.1)),
            Candidate(0, Shape(64, dropout=0.3), decay=0.3),
            Candidate(8, Shape(64, dropout=0.3), decay=0.3),
            Candidate(0, Shape(32, activation="tanh", dropout=0.1)),
            Candidate(0, Shape(64, dropout=0.1), decay=0.03, rate=4e-3),
        ]
    elif rows < LARGE:
        found = [
            Candidate(8, Shape(128, dropout=0.0), decay=0.02, rate=3e-3),
            Candidate(16, Shape(128, dropout=0.0), decay=0.02, rate=3e-3),
            Candidate(8, Shape(128, dropout=0.1), decay=0.1, rate=2e-3),
        ]
    else:
        found = [Candidate(16, Shape(96, dropout=0.0), decay=0.02)]
    return [_fixed(one, options) for one in found[: max(1, options.budget)]]


def _fixed(candidate: Candidate, options: Options) -> Candidate:
    shape = candidate.shape
    return replace(
        candidate,
        soft=candidate.soft if options.distil else 0.0,
        shape=replace(
            shape,
            hidden=shape.hidden if options.hidden is None else options.hidden,
            second=shape.second if options.second is None else options.second,
            activation=options.activation or shape.activation,
        ),
    )


def threads_of(rows: int, options: Options) -> int:
    """Return the threads to compute with; the bits depend on it, so it is fixed for a run."""
    return 1 if rows < SMALL else options.threads


def seeds_of(rows: int, options: Options) -> int:
    """Return how many networks a fold trains: many where they are cheap and vary most."""
    if options.seeds is not None:
        return options.seeds
    return 3 if rows < SMALL else 1


def synthetic_rows(rows: int) -> int:
    return min(4 * rows, _SYNTHETIC) if rows < _SYNTHETIC else _SYNTHETIC


def passes_of(rows: int) -> int:
    """Return how often the rows are gone through at most: about three million visits."""
    return max(2, min(60 if rows < SMALL else 30, _VISITS // (rows + synthetic_rows(rows))))


def batch_of(rows: int) -> int:
    if rows < 2_000:  # noqa: PLR2004 - steps a pass would be too few
        return 128
    return 512 if rows < LARGE else 2048
