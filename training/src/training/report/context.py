"""What a report says about the model and its data, besides the figures."""

from dataclasses import dataclass, field

from training.evaluation.figures import DataKind


@dataclass(frozen=True)
class Words:
    """One text in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True)
class Part:
    """One part of the data: what it was for, how large, when; `students` None where unknown."""

    name: str
    students: int | None
    rows: int
    prevalence: float | None = None
    start: str = ""
    end: str = ""


@dataclass(frozen=True, kw_only=True)
class Context:
    """Where a model comes from; `limits` are what this very model does not know.

    `names` are what people call a group, where that is not what the rows say.
    """

    title: Words
    model: str
    data: DataKind
    description: Words | None = None
    created: str = ""
    seed: int = 0
    parts: tuple[Part, ...] = ()
    inputs: int | None = None
    catalogue: str = ""
    network: str = ""
    thresholds: dict[str, float] = field(default_factory=dict)
    limits: tuple[Words, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    names: dict[str, Words] = field(default_factory=dict)
