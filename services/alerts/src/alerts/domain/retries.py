"""When to try again: growing pauses with jitter, inside a limit of attempts or without one."""

from dataclasses import dataclass
from typing import Self

from alerts.domain.ports import LaterError
from shared.kernel.errors import DeliveryError

_SHORTEST = 0.5
"""The part of a pause that no throw of the dice takes away."""


@dataclass(frozen=True)
class Retries:
    """The limits of one attempt chain; `attempts` None never gives up on a fault that may pass."""

    attempts: int | None = 8
    first_s: float = 2.0
    longest_s: float = 900.0

    @classmethod
    def lasting(cls, seconds: float, first_s: float, longest_s: float) -> Self:
        """Return a chain that goes on for at least `seconds`, however the dice fall."""
        attempts, total = 1, 0.0
        while total < seconds:
            total += _SHORTEST * _bound(attempts, first_s, longest_s)
            attempts += 1
        return cls(attempts, first_s, longest_s)

    def pause_after(self, attempts: int, error: DeliveryError, dice: float) -> float | None:
        """Return seconds until the next attempt, or None: give up.

        `dice` in 0..1 spreads retries over the upper half of the pause; a provider's own
        `Retry-After` is a lower bound and is itself bounded.
        """
        if not error.retry or (self.attempts is not None and attempts >= self.attempts):
            return None
        pause = _bound(attempts, self.first_s, self.longest_s)
        spread = pause * (_SHORTEST + (1 - _SHORTEST) * dice)
        if isinstance(error, LaterError):
            return max(spread, min(error.after_s, self.longest_s))
        return spread


def _bound(attempts: int, first_s: float, longest_s: float) -> float:
    return min(first_s * 2.0 ** min(attempts - 1, 30), longest_s)
