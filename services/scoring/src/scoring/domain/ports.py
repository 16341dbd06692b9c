"""What the core asks of the outside."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from scoring.domain.inputs import Array, Inputs
from shared.bundle.manifest import Manifest
from shared.contracts.assessment import Assessment


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

    def run(self, inputs: Inputs, *, explain: bool) -> "Output": ...


class Assessments(Protocol):
    """The latest assessment of each student."""

    async def find(self, student: str) -> Assessment | None: ...

    async def digest(self) -> str: ...


@dataclass(frozen=True)
class Output:
    """Probabilities `[n]`; contributions `[n, k]` to the logit, `[0, k]` when not asked for."""

    probability: Array
    contributions: Array


@dataclass(frozen=True)
class Place:
    """An assessment with the partition of its student."""

    partition: int
    assessment: Assessment


Loader = Callable[[], Model]
"""Reads, verifies and builds the bundle of the settings; raises BundleRefusedError."""
