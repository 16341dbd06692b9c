"""When a worker saves: a frozen value that answers from what has happened since the last save."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class SavePolicy:
    """`stateless` keeps no table; `every_batch` saves each round; `every(seconds)` in between."""

    kind: Literal["stateless", "every_batch", "every"]
    interval_s: float = 0.0

    @classmethod
    def stateless(cls) -> "SavePolicy":
        """Use the group's own offset as the bookmark, committed after each published batch."""
        return cls("stateless")

    @classmethod
    def every_batch(cls) -> "SavePolicy":
        """Effects live in tables: one transaction a batch."""
        return cls("every_batch")

    @classmethod
    def every(cls, seconds: float) -> "SavePolicy":
        """State lives in memory: a checkpoint every few seconds."""
        return cls("every", seconds)

    @property
    def keeps_bookmarks(self) -> bool:
        return self.kind != "stateless"

    def is_due(self, *, unsaved: int, since_save_s: float) -> bool:
        """Say whether to save now, `unsaved` records after the last time."""
        return unsaved > 0 and (self.kind != "every" or since_save_s >= self.interval_s)
