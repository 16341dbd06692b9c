"""Campus time against the clock: as fast as possible, or so many times as fast as life."""

from math import isinf

from shared.kernel.clock import Clock
from shared.kernel.errors import ConfigError


class Pace:
    """Holds a stream back until campus time may have come as far as its next events.

    Campus time starts at the first moment asked for. `speed` is campus seconds a second; infinity
    never waits.
    """

    def __init__(self, clock: Clock, speed: float) -> None:
        """Refuse a speed that stands still.

        Raises:
            ConfigError: `speed` is not above zero.
        """
        if not speed > 0:
            raise ConfigError("speed", f"must be above 0, is {speed}")
        self._clock = clock
        self._speed = speed
        self._origin: tuple[float, float] | None = None

    async def reach(self, moment: float) -> None:
        """Wait until campus time (epoch seconds) has reached `moment`."""
        if isinf(self._speed):
            return
        if self._origin is None:
            self._origin = (self._clock.monotonic(), moment)
        began, first = self._origin
        wait = began + (moment - first) / self._speed - self._clock.monotonic()
        if wait > 0:
            await self._clock.sleep(wait)
