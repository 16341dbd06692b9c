"""When to try again: growing pauses with jitter, inside a limit of attempts."""

from dataclasses import dataclass

from alerts.domain.ports import LaterError
from shared.kernel.errors import DeliveryError


@dataclass(frozen=True)
class Retries:
    """The limits of one attempt chain."""

    attempts: int = 8
    first_s: float = 2.0
    longest_s: float = 900.0

    def pause_after(self, attempts: int, error: DeliveryError, dice: float) -> float | None:
        """Return seconds until the next attempt, or None: give up.

        `dice` in 0..1 spreads retries over the upper half of the pause; a provider's own
        `Retry-After` is a lower bound and is itself bounded.
        """
        if not error.retry or attempts >= self.attempts:
            return None
        pause = min(self.first_s * 2.0 ** min(attempts - 1, 30), self.longest_s)
        spread = pause * (0.5 + 0.5 * dice)
        if isinstance(error, LaterError):
            return max(spread, min(error.after_s, self.longest_s))
        return spread
