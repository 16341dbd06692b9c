"""Text files, plain or gzip: a line is a row, so that a bad line never hurts the next one."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from ingest.domain.mapping_description import FileShape
from ingest.domain.mapping_outcome import RowRefusedError
from shared.kernel.errors import RuleBrokenError

MAX_LINE_BYTES = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class TextRow:
    """One line; quoted fields may not span lines."""

    line: int
    raw: bytes
    shape: FileShape

    def cells(self) -> list[str]:
        """Decode and split; the column of a fault is told by position, `#3`."""
        if len(self.raw) >= MAX_LINE_BYTES:
            raise RowRefusedError("line_too_long")
        written = self._decoded()
        if "\0" in written:
            raise RowRefusedError("bad_character", self._column(written, "\0"))
        shape = self.shape
        if shape.quote is None or shape.quote not in written:
            return written.split(shape.separator)
        try:
            return next(
                csv.reader([written], delimiter=shape.separator, quotechar=shape.quote, strict=True)
            )
        except csv.Error:
            raise RowRefusedError("bad_quoting") from None

    def _decoded(self) -> str:
        try:
            return self.raw.decode(self.shape.encoding)
        except UnicodeDecodeError:
            patched = self.raw.decode(self.shape.encoding, "replace")
            raise RowRefusedError("bad_encoding", self._column(patched, _REPLACEMENT)) from None

    def _column(self, written: str, fault: str) -> str:
        return f"#{written.partition(fault)[0].count(self.shape.separator) + 1}"


def rows(path: Path, shape: FileShape) -> Iterator[TextRow]:
    """Yield the lines that are not blank, after those to skip.

    Raises:
        RuleBrokenError: a gzip file is cut off or damaged.
    """
    try:
        with _opened(path) as stream:
            for line, raw in _lines(stream):
                if line > shape.skip and raw:
                    yield TextRow(line, raw, shape)
    except (EOFError, OSError, zlib.error) as error:
        raise RuleBrokenError("damaged_file", f"cannot be read: {type(error).__name__}") from None


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as peek:
        is_gzip = peek.read(2) == _GZIP_MAGIC
    return cast("BinaryIO", gzip.open(path, "rb")) if is_gzip else path.open("rb")


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield (number from 1, line without its end); of an endless line only the beginning."""
    line = 0
    while raw := stream.readline(MAX_LINE_BYTES):
        line += 1
        rest = raw
        while len(rest) == MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE_BYTES)
        if line == 1:
            raw = raw.removeprefix(_BOM)
        yield line, raw if len(raw) == MAX_LINE_BYTES else raw.rstrip(b"\r\n")
