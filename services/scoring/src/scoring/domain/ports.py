"""What the core asks of the outside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from scoring.domain.calibration import Label
from scoring.domain.comparison import Comparison
from scoring.domain.inputs import Array, Inputs, Row
from scoring.domain.lanes import Candidate, Lane
from scoring.domain.standing import Change, Logged, Standing
from shared.bundle.manifest import Manifest, Thresholds
from shared.contracts.assessment import Assessment
from shared.drift.reference import Reference


class Model(Protocol):
    """A verified model in memory; a score does not depend on the rest of the batch."""

    @property
    def manifest(self) -> Manifest: ...

    @property
    def digest(self) -> str:
        """Tell one bundle from another, also with the same model id."""
        ...

    @property
    def key(self) -> str:
        """Return the id of the key that signed the bundle."""
        ...

    @property
    def card(self) -> str:
        """Return the model's card in Markdown."""
        ...

    @property
    def reference(self) -> Reference | None:
        """Return what the model learned from, as histograms; older bundles have none."""
        ...

    def run(self, inputs: Inputs, *, explain: bool) -> "Output": ...


class Assessments(Protocol):
    """The latest assessment of each student."""

    async def find(self, student: str) -> Assessment | None: ...

    async def digest(self) -> str: ...

    async def compared_with(self, lane: str, cuts: Thresholds) -> Comparison: ...

    async def sizes(self) -> dict[str, int]: ...


@dataclass(frozen=True)
class Output:
    """Probabilities `[n]`; contributions `[n, k]` to the logit, `[0, k]` when not asked for."""

    probability: Array
    contributions: Array


@dataclass(frozen=True)
class Place:
    """An assessment with the partition of its student, and the values that drift is measured on."""

    partition: int
    assessment: Assessment
    values: Row | None = None


@dataclass(frozen=True)
class Seen:
    """What drift is measured on: each student's latest inputs, packed, and the college."""

    students: Sequence[str]
    colleges: Sequence[str | None]
    inputs: Sequence[bytes]


class LatestInputs(Protocol):
    """The latest inputs of the champion's students."""

    async def seen(self) -> Seen: ...


class KnownLabels(Protocol):
    """What people may know of labels."""

    async def labels(self, revision: int) -> Sequence[Label]: ...

    async def waiting(self, revision: int) -> int: ...

    async def pairs(self) -> list[tuple[str, str]]: ...


class Bundles(Protocol):
    """The bundles of the folder, by name."""

    def candidates(self) -> Sequence[Candidate]: ...

    def load(self, name: str) -> Model:
        """Verify and build a bundle.

        Raises:
            BundleRefusedError: it does not verify, or is not there.
        """
        ...


@dataclass(frozen=True)
class LaneState:
    """How a lane does: at work, its bundle refused, or failed and about to be tried again."""

    lane: Lane
    status: Literal["working", "refused", "failed"]
    model: str | None = None
    detail: str = ""


Draft = Callable[[Standing], Change]
"""Says which change is made of how things stand; raises ConflictError where it cannot be."""


class Changes(Protocol):
    """The log of what was served."""

    async def read(self) -> Sequence[Logged]: ...

    async def add(self, draft: Draft) -> Logged: ...


Loader = Callable[[], Model]
"""Reads, verifies and builds the bundle of the settings; raises BundleRefusedError."""
