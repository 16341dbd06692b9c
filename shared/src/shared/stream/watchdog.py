"""Progress watchdog: aiokafka is known to stand still without a word (#1154, #847, #625)."""

from dataclasses import dataclass
from typing import Literal

from shared.kernel.clock import Clock

Stall = Literal["behind_without_records", "no_answer"]


@dataclass(frozen=True)
class WatchdogLimits:
    """Behind: that many empty polls and seconds in a row with lag. Silent: seconds without answer.

    Polls are short, so the count alone would mistake a slow fetch for a stall: both must pass.
    """

    empty_polls: int = 3
    behind_s: float = 15.0
    silent_s: float = 60.0
    recreations: int = 5


class Watchdog:
    """Judges each poll; `complaint` is what liveness says."""

    def __init__(self, clock: Clock, limits: WatchdogLimits | None = None) -> None:
        self._clock = clock
        self.limits = limits or WatchdogLimits()
        self._empty_polls = 0
        self._empty_since = clock.monotonic()
        self.recreations = 0

    def judge(self, *, received: int, lag: int, silence_s: float) -> Stall | None:
        """Return why the client should be made anew, or None while it makes progress."""
        now = self._clock.monotonic()
        if received or lag == 0:
            self._empty_polls = 0
            self._empty_since = now
        else:
            self._empty_polls += 1
        if received:
            self.recreations = 0
            return None
        if silence_s >= self.limits.silent_s:
            return "no_answer"
        is_behind = self._empty_polls >= self.limits.empty_polls
        if is_behind and now - self._empty_since >= self.limits.behind_s:
            return "behind_without_records"
        return None

    def recreated(self) -> None:
        """Note that the client was made anew; progress resets the count."""
        self.recreations += 1
        self._empty_polls = 0
        self._empty_since = self._clock.monotonic()

    def complaint(self) -> str | None:
        """Return why the process should be restarted from outside, if it should."""
        if self.recreations < self.limits.recreations:
            return None
        return f"no progress after {self.recreations} new clients"
