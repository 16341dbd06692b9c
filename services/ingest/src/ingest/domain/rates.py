"""A token bucket a feed: bursts of some seconds' worth, then the agreed rate."""

import math


class TokenBucket:
    """Lets a request of any size pass while a token is left, and lets it owe the rest.

    So a batch larger than the burst is possible, and pays with the wait that follows it.
    """

    def __init__(self, rate_per_s: float, *, burst_s: float = 2.0) -> None:
        self.rate_per_s = rate_per_s
        self._most = max(1.0, rate_per_s * burst_s)
        self._tokens = self._most
        self._at: float | None = None

    def wait_s(self, now: float) -> int:
        """Return 0 when a request may pass, else the whole seconds after which it may."""
        self._refill(now)
        if self._tokens > 0:
            return 0
        return max(1, math.ceil(-self._tokens / self.rate_per_s))

    def take(self, events: int) -> None:
        """Charge what was let through."""
        self._tokens -= events

    def _refill(self, now: float) -> None:
        if self._at is not None:
            gained = max(0.0, now - self._at) * self.rate_per_s
            self._tokens = min(self._most, self._tokens + gained)
        self._at = now
