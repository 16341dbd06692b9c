"""Score a table with a bundle: numpy and onnxruntime only, in pieces, so any size fits."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from shared.bundle.reading import BundleRefusedError
from shared.kernel.errors import ConfigError
from training.bundle.reading import TableBundle
from training.table.parsing import Chunk, chunks
from training.table.reading import Coder, number_columns

Array = NDArray[Any]
ROWS = 4096
_FATAL_ONLY = 4


class Scorer:
    """A bundle in an onnxruntime session of one thread."""

    def __init__(self, bundle: TableBundle) -> None:
        self.manifest = bundle.manifest
        self._coder = Coder(
            [
                {level: code for code, level in enumerate(text.levels)}
                for text in bundle.manifest.texts
            ],
            grows=False,
        )
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1  # unset, it counts the host's cores, not ours
        options.inter_op_num_threads = 1
        options.log_severity_level = _FATAL_ONLY
        try:
            self._session = ort.InferenceSession(
                bundle.files["model.onnx"], options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # noqa: BLE001 - onnxruntime's own classes have no common base
            raise BundleRefusedError("model", f"cannot be loaded: {type(error).__name__}") from None

    def run(self, numbers: Array, codes: Array, *, explain: bool = False) -> tuple[Array, Array]:
        """Return probabilities `[n]` and contributions `[n, columns]`, no rows if not asked."""
        feeds: dict[str, Array] = {"explain": np.array(explain)}
        if self.manifest.numbers:
            feeds["numbers"] = np.ascontiguousarray(numbers, dtype=np.float64)
        if self.manifest.texts:
            feeds["codes"] = np.ascontiguousarray(codes, dtype=np.int64)
        probability, contributions = self._session.run(["probability", "contributions"], feeds)
        return probability, contributions

    def score(self, columns: list[list[str]], rows: int) -> tuple[Array, int]:
        """Return probabilities of cells, numbers first, and how many of the cells were strange."""
        middle = len(self.manifest.numbers)
        numbers, strange = number_columns(columns[:middle], rows)
        codes = self._coder.codes(columns[middle:], rows)
        return self.run(numbers, codes)[0], strange


def predict(
    bundle: TableBundle,
    table: Path,
    id_column: str,
    out: Path,
    *,
    tell: Callable[[int], None] = lambda _: None,
) -> tuple[int, int]:
    """Write `id,probability` for every row in order; return rows and strange cells.

    Raises:
        TableError: the table lacks a column, or is broken; nothing is written then.
        ConfigError: there is no folder to write into.
    """
    scorer = Scorer(bundle)
    if not out.parent.is_dir():
        raise ConfigError("out", f"{out.parent} is no folder")
    wanted = [id_column, *(one.name for one in bundle.manifest.columns)]
    unfinished = out.with_name(f".{out.name}.new")
    rows, odd = 0, 0
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["id", "probability"])
            for chunk in chunks(table, wanted, ROWS):
                odd += _write(writer, scorer, chunk)
                rows += chunk.rows
                tell(rows)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return rows, odd


def _write(writer: Any, scorer: Scorer, chunk: Chunk) -> int:  # noqa: ANN401 - csv's writer has no public type
    probability, strange = scorer.score(chunk.columns[1:], chunk.rows)
    writer.writerows(_rows(chunk.columns[0], probability))
    return strange


def _rows(ids: list[str], probability: Array) -> Iterator[tuple[str, str]]:
    for one, chance in zip(ids, probability.tolist(), strict=True):
        yield one, repr(chance)
