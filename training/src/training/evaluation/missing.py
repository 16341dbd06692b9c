"""Which inputs were missing, and how often."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from training.evaluation.figures import MissingInput
from training.evaluation.resampling import Resampler, figure
from training.evaluation.sample import Sample

Inputs = tuple[Sequence[str], ArrayLike]


def missing_inputs(
    inputs: Inputs, sample: Sample, resampler: Resampler
) -> tuple[MissingInput, ...]:
    """Return the share of rows without each input, and of students who never had it.

    Raises:
        ValueError: the matrix is not rows by names.
    """
    names = list(inputs[0])
    matrix = np.asarray(inputs[1])
    if matrix.shape != (sample.rows, len(names)):
        raise ValueError(f"inputs: {matrix.shape} cells for {sample.rows} rows, {len(names)} names")
    gone = (matrix != matrix).astype(np.float64)  # noqa: PLR0124 - NaN alone differs from itself
    drawn = resampler.sums(np.c_[gone, np.ones(sample.rows)])
    shares, never = gone.mean(axis=0), np.zeros(len(names))
    for place, column in enumerate(gone.T):
        had = np.bincount(sample.student, 1.0 - column, minlength=sample.students)
        never[place] = float((had == 0).mean())
    return tuple(
        MissingInput(
            name=name,
            share=figure(shares[i], drawn[:, i] / drawn[:, -1], share_of=sample.students),
            never=float(never[i]),
        )
        for i, name in enumerate(names)
    )
