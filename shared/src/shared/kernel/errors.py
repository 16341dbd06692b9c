"""The exception tree. Each class says what its catcher may do; see docs/architecture.md."""


class LanternError(Exception):
    """Base of everything that this project raises on purpose."""


class ConfigError(LanternError):
    """The process cannot start: exit 2 with one readable line."""

    def __init__(self, where: str, what: str) -> None:
        self.where = where
        self.what = what
        super().__init__(f"{where}: {what}")


class PoisonMessageError(LanternError):
    """A record that can never be handled: it becomes a dead letter and is counted.

    `reason` is a short stable code (a metric label), `detail` is for people and holds no identity.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


class BackpressureError(LanternError):
    """Slow down: the batch is held and tried again."""


class FencedError(LanternError):
    """The partition has a new owner: roll back, drop the batch, commit nothing."""


class UnavailableError(LanternError):
    """A database, broker or service is away: bounded retry, then the process ends."""


class DeliveryError(LanternError):
    """A channel refused a message; `retry` says whether trying again can help."""

    def __init__(self, code: str, *, retry: bool, detail: str = "") -> None:
        self.code = code
        self.retry = retry
        self.detail = detail
        super().__init__(f"{code}: {detail}" if detail else code)


class CallerError(LanternError):
    """The caller of an API can act on it; `shared.web.problems` maps it to a status once.

    `code` is stable and documented; `field` is a JSON pointer or the parameter at fault.
    """

    def __init__(self, code: str, detail: str, *, field: str | None = None) -> None:
        self.code = code
        self.detail = detail
        self.field = field
        super().__init__(detail)


class NotFoundError(CallerError):
    """The object does not exist, or the caller may not know that it does: 404."""


class ConflictError(CallerError):
    """The object is not in a state that allows this: 409."""


class ForbiddenError(CallerError):
    """The caller is known and may not: 403."""


class UnauthenticatedError(CallerError):
    """Nobody knows who the caller is: 401."""


class RuleBrokenError(CallerError):
    """Well-formed, but against a rule of the domain: 400."""


class TooLargeError(CallerError):
    """The body exceeds a stated limit: 413."""


class TooManyRequestsError(CallerError):
    """A rate limit is reached: 429 with Retry-After in seconds."""

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__("rate_limited", detail)


class ServiceAwayError(CallerError):
    """Something this service needs is away: 503 with Retry-After; nothing was kept."""

    def __init__(self, detail: str, *, retry_after_s: int = 5) -> None:
        self.retry_after_s = retry_after_s
        super().__init__("unavailable", detail)
