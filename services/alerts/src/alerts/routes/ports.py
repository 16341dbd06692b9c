"""What the routes read from, as small protocols."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from alerts.domain.views import AlertRecord, Filter, HistoryRecord
from shared.auth.permission import Rows


class Alerts(Protocol):
    """Reads alerts inside a viewer's scope."""

    async def list(self, wanted: Filter, rows: Rows) -> Sequence[AlertRecord]: ...
    async def get(self, alert: str, rows: Rows) -> AlertRecord | None: ...
    async def history(self, alert: str) -> Sequence[HistoryRecord]: ...
    async def judged_by(self, person: str, wanted: Collection[str]) -> frozenset[str]: ...
    async def last_number(self) -> int: ...
    async def since(
        self, number: int, rows: Rows
    ) -> Sequence[tuple[HistoryRecord, AlertRecord]]: ...
    async def digest(self) -> tuple[str, int]: ...


class OutboxView(Protocol):
    """Reads the outbox for staff."""

    async def get(self, number: int) -> Any: ...  # noqa: ANN401 - a row of the outbox
    async def list(
        self,
        *,
        lane: str | None,
        state: str | None,
        alert: str | None,
        before: int | None,
        limit: int,
    ) -> Sequence[Any]: ...


class Feeds(Protocol):
    """Reads which feeds are dead, and whether the model is suspended."""

    async def is_model_suspended(self) -> bool: ...
    async def dead(self) -> Sequence[tuple[str, str]]: ...


class Watching(Protocol):
    """Wakes live streams."""

    def watch(self) -> AbstractContextManager[Any]: ...
