"""Read the feature service's history from SQLite or PostgreSQL (see shared.features.history)."""

import importlib
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

import numpy as np

from shared.features.evaluate import FRAME_DAYS
from shared.features.history import (
    BLOCK_STUDENTS,
    LIFE_DAY,
    Ints,
    KeptMoment,
    decoded,
    unpacked,
)
from shared.features.slots import DAY, LIFE, DayArray
from shared.kernel.errors import ConfigError

_SQLITE = ("sqlite+aiosqlite:///", "sqlite:///")
_POSTGRES = ("postgresql+psycopg://", "postgresql://")


class Rows(Protocol):
    """A database that answers a statement whose parameters are `?`."""

    def __call__(self, statement: str, values: Sequence[int] = ()) -> list[tuple[Any, ...]]: ...


def opened(url: str) -> Rows:
    """Open the database of the feature service, for reading.

    Raises:
        ConfigError: of another kind, not there, or without a history.
    """
    rows = _connected(url)
    try:
        rows("SELECT 1 FROM features_history_moments WHERE known < ?", (0,))
    except Exception as error:  # noqa: BLE001 - two drivers' own classes have no common base
        what = f"holds no history ({type(error).__name__}): `lantern up` makes its tables"
        raise ConfigError("features database", what) from None
    return rows


def _connected(url: str) -> Rows:
    prefix = next((one for one in (*_SQLITE, *_POSTGRES) if url.startswith(one)), None)
    if prefix is None:
        raise ConfigError("features database", "starts with neither sqlite nor postgresql")
    return _sqlite(url.removeprefix(prefix)) if prefix in _SQLITE else _postgres(url)


def _sqlite(name: str) -> Rows:
    path = Path(unquote(name))
    if not path.exists():
        raise ConfigError("features database", f"{path} does not exist")
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.execute("BEGIN")  # every statement sees the same moment

    def rows(statement: str, values: Sequence[int] = ()) -> list[tuple[Any, ...]]:
        return connection.execute(statement, tuple(values)).fetchall()

    return rows


def _postgres(url: str) -> Rows:
    try:
        psycopg = importlib.import_module("psycopg")
    except ModuleNotFoundError:
        raise ConfigError("features database", "psycopg is not installed here") from None
    connection = psycopg.connect(url.replace("+psycopg", "", 1))
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True

    def rows(statement: str, values: Sequence[int] = ()) -> list[tuple[Any, ...]]:
        found = connection.execute(statement.replace("?", "%s"), tuple(values)).fetchall()
        return [tuple(row) for row in found]

    return rows


class History:
    """One partition's history: which moments there are, and what was known at one."""

    def __init__(self, rows: Rows, partition: int) -> None:
        self._rows = rows
        self.partition = partition
        self.students = [
            str(name)
            for (name,) in rows(
                'SELECT student FROM features_students WHERE "partition" = ? ORDER BY place',
                (partition,),
            )
        ]
        self.days: list[int] = [
            int(day)
            for (day,) in rows(
                'SELECT known FROM features_history_moments WHERE "partition" = ? ORDER BY known',
                (partition,),
            )
        ]

    def moment(self, day: int) -> tuple[KeptMoment, Ints]:
        """Return a kept moment and each student's mask number.

        Raises:
            ConfigError: kept by a version that cannot be read.
        """
        [(content, masks)] = self._rows(
            'SELECT moment, masks FROM features_history_moments WHERE "partition" = ? '
            "AND known = ?",
            (self.partition, day),
        )
        try:
            return decoded(bytes(content)), np.frombuffer(unpacked(bytes(masks)), "<i4")
        except ValueError as error:
            raise ConfigError("features history", str(error)) from None

    def block(self, number: int) -> "BlockHistory":
        return BlockHistory(self._rows, self.partition, number)


def partitions(rows: Rows) -> list[int]:
    """Return the partitions with a history."""
    found = rows('SELECT DISTINCT "partition" FROM features_history_moments')
    return sorted(int(number) for (number,) in found)


class BlockHistory:
    """256 students of one partition; ask in the order of time, contents are read once."""

    def __init__(self, rows: Rows, partition: int, number: int) -> None:
        self._rows = rows
        self._place = (partition, number)
        self._versions: dict[int, list[int]] = defaultdict(list)
        for day, known in rows(
            'SELECT day, known FROM features_history_blocks WHERE "partition" = ? '
            "AND block = ? ORDER BY known",
            self._place,
        ):
            self._versions[int(day)].append(int(known))
        self._held: dict[int, tuple[int, bytes]] = {}

    def days(self, end_day: int, chosen: Ints) -> DayArray:
        """Return `[n, 85]` day records of chosen students up to a day, as known on that day."""
        out = np.zeros((len(chosen), FRAME_DAYS), DAY)
        first = end_day - FRAME_DAYS + 1
        for gone in [day for day in self._held if 0 <= day < first]:
            del self._held[gone]
        for column in range(FRAME_DAYS):
            content = self._as_of(first + column, end_day)
            if content is not None:
                out[:, column] = np.frombuffer(content, DAY)[chosen]
        return out

    def lives(self, end_day: int, chosen: Ints) -> DayArray:
        """Return `[n]` life records as known on a day."""
        content = self._as_of(LIFE_DAY, end_day)
        if content is None:
            return np.zeros(len(chosen), LIFE)
        return np.frombuffer(content, LIFE, BLOCK_STUDENTS)[chosen]

    def _as_of(self, day: int, known_by: int) -> bytes | None:
        known = [one for one in self._versions.get(day, ()) if one <= known_by]
        if not known:
            return None
        held = self._held.get(day)
        if held is None or held[0] != known[-1]:
            held = self._held[day] = known[-1], self._content(day, known[-1])
        return held[1]

    def _content(self, day: int, known: int) -> bytes:
        partition, number = self._place
        [(content,)] = self._rows(
            'SELECT content FROM features_history_blocks WHERE "partition" = ? AND day = ? '
            "AND block = ? AND known = ?",
            (partition, day, number, known),
        )
        return unpacked(bytes(content))
