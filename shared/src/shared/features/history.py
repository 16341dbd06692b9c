"""What the feature service knew at the start of each campus day: the offline feature store.

Later events, late ones above all, change the daily aggregates; so the aggregates of today do not
tell what a vector was in March. At the first tick of a campus day the service therefore keeps a
*moment* for each partition, and every block of 256 students' day or life records that changed since
the moment before. A block as of a day is its newest version kept on or before that day. Who reads
them through `shared.features.evaluate` gets the vector that was published, bit for bit.

Tables (`features_history_moments`, `features_history_blocks`) hold the bytes that `packed` makes;
numbers of students are their places in `features_students`.
"""

import zlib

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from shared.contracts.student import Mask
from shared.features.slots import LAYOUT_VERSION

HISTORY_VERSION = 1
BLOCK_STUDENTS = 256
LIFE_DAY = -1
"""The `day` under which life records are kept."""
LEFT = -1
"""The mask number of a student who is not enrolled."""
Ints = NDArray[np.int32]


class KeptMoment(Struct, frozen=True, kw_only=True):
    """What is the same for all students of a partition at a tick, and their masks by number.

    `as_of` is in seconds since 1970, `day` the campus day it falls on, `minute` counts from that
    day's start; `yields` is what `YieldBook.dump` gives; `masks` names the mask sets in use.
    """

    as_of: int
    day: int
    minute: int
    position: int
    students: int
    yields: dict[str, tuple[list[str], str, list[tuple[int, int]]]]
    dead: list[str]
    masks: dict[int, list[Mask]]
    catalogue: str
    layout: int = LAYOUT_VERSION
    version: int = HISTORY_VERSION


def encoded(moment: KeptMoment) -> bytes:
    """Return a moment as it is stored."""
    return packed(msgspec.json.encode(moment))


def decoded(content: bytes) -> KeptMoment:
    """Read a stored moment.

    Raises:
        ValueError: of another layout or format than this version reads.
    """
    moment = msgspec.json.decode(unpacked(content), type=KeptMoment)
    if (moment.layout, moment.version) != (LAYOUT_VERSION, HISTORY_VERSION):
        raise ValueError(
            f"kept with day layout {moment.layout} and format {moment.version}; this version reads "
            f"{LAYOUT_VERSION} and {HISTORY_VERSION}"
        )
    return moment


def packed(content: bytes) -> bytes:
    """Compress; day records are mostly zeros."""
    return zlib.compress(content, 1)


def unpacked(content: bytes) -> bytes:
    return zlib.decompress(content)
