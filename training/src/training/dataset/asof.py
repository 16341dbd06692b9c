"""Vectors as the service knew them: the kept records through the catalogue's own evaluation."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from shared.features.coverage import YieldBook
from shared.features.evaluate import FRAME_DAYS, evaluate
from shared.features.frame import Array, Frame
from shared.features.history import BLOCK_STUDENTS, LEFT, Ints, KeptMoment
from shared.features.masking import Masking, masking_of
from shared.features.precision import COVERAGE_PARTS, VALUE_PARTS, numbers_of, whole_parts
from training.dataset.store import History

Number = float | None


@dataclass(frozen=True)
class Vector:
    """A student's vector at a morning, in the precision that is published."""

    student: str
    day: int
    as_of: int
    position: int
    values: list[Number]
    usual: list[Number]
    coverage: list[float]
    masked: str | None
    exam: bool
    dead: tuple[str, ...]


@dataclass(frozen=True)
class _Known:
    """What a moment says of all students: yields of the window, each student's masking."""

    kept: KeptMoment
    numbers: Ints
    yields: Array
    maskings: dict[int, Masking]


def vectors(history: History, wanted: Iterable[tuple[int, int]]) -> Iterator[Vector]:
    """Yield the vectors of wanted (place of the student, day of a kept moment).

    A student who was not known or not enrolled at that moment had none, and is left out.
    """
    by_block: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for place, day in wanted:
        by_block[place // BLOCK_STUDENTS][day].add(place)
    moments: dict[int, _Known] = {}
    for number in sorted(by_block):
        block = history.block(number)
        for day, places in sorted(by_block[number].items()):
            if day not in moments:
                moments[day] = _known(history, day)
            known = moments[day]
            there = [p for p in sorted(places) if p < len(known.numbers)]
            here = np.array([p for p in there if known.numbers[p] != LEFT], np.int32)
            if len(here):
                chosen = here - number * BLOCK_STUDENTS
                days, lives = block.days(day, chosen), block.lives(day, chosen)
                yield from _evaluated(history, known, here, days=days, lives=lives)


def _known(history: History, day: int) -> _Known:
    kept, numbers = history.moment(day)
    book = YieldBook.restore(kept.yields)  # type: ignore[arg-type]
    maskings = {n: masking_of(masks, kept.day, FRAME_DAYS) for n, masks in kept.masks.items()}
    return _Known(kept, numbers, book.matrix(kept.day, FRAME_DAYS), maskings)


def _evaluated(
    history: History, known: _Known, places: Ints, *, days: Array, lives: Array
) -> Iterator[Vector]:
    kept = known.kept
    maskings = [known.maskings[int(known.numbers[place])] for place in places]
    masked = np.stack([one.days for one in maskings])
    exact = evaluate(Frame(days, lives, kept.day, kept.minute), known.yields, masked)
    values = numbers_of(whole_parts(exact.values, VALUE_PARTS), VALUE_PARTS)
    usual = numbers_of(whole_parts(exact.usual, VALUE_PARTS), VALUE_PARTS)
    coverage = (whole_parts(exact.coverage, COVERAGE_PARTS) / COVERAGE_PARTS).tolist()
    for n, place in enumerate(places.tolist()):
        yield Vector(
            student=history.students[place],
            day=kept.day,
            as_of=kept.as_of,
            position=kept.position,
            values=values[n],
            usual=usual[n],
            coverage=coverage[n],
            masked=maskings[n].named,
            exam=maskings[n].exam,
            dead=tuple(kept.dead),
        )
