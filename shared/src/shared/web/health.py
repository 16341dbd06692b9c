"""Liveness means progress; readiness means assigned, with dependencies answering."""

from collections.abc import Callable
from typing import Literal

Check = Callable[[], str | None]


class Health:
    """Named checks; each returns a complaint, or None when it is content."""

    def __init__(self) -> None:
        self._checks: dict[tuple[Literal["live", "ready"], str], Check] = {}

    def add(self, kind: Literal["live", "ready"], name: str, check: Check) -> None:
        self._checks[kind, name] = check

    def complaints(self, kind: Literal["live", "ready"]) -> list[str]:
        """Return `name: what is wrong` for each unhappy check of a kind."""
        answers = ((n, check()) for (k, n), check in self._checks.items() if k == kind)
        return [f"{name}: {answer}" for name, answer in answers if answer]

    def is_alive(self) -> bool:
        return not self.complaints("live")

    def is_ready(self) -> bool:
        return not self.complaints("live") and not self.complaints("ready")
