"""What became of imported rows behind ingest: features applied them, or they came too late."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from cli.context import Context
from cli.counting import Counts, caught_up, feature_counts
from cli.errors import RefusedError
from cli.language import say
from cli.output import waiting
from shared.features.slots import RING_DAYS
from shared.kernel.errors import UnavailableError

_REPLAY = "LANTERN_HOME=/tmp/term LANTERN_PORT_OFFSET=100 lantern replay FOLDER"


@dataclass(frozen=True)
class Outcome:
    """Rows of one import by what features did with them; `waiting` are not handled yet."""

    applied: int
    late: int
    dead: int
    waiting: int

    @property
    def is_lost(self) -> bool:
        """Whether the import changed nothing although ingest took its rows."""
        return self.late + self.dead > 0 and self.applied + self.waiting == 0


async def counts_of(here: Context, feed: str) -> Counts | None:
    """Return features' counts of a feed, None where features cannot be asked."""
    with suppress(UnavailableError, RefusedError):  # None says it, and `warnings` says so
        return await feature_counts(here, [feed])
    return None


async def outcome_of(
    here: Context, feed: str, before: Counts | None, *, accepted: int, wait_s: float
) -> Outcome | None:
    """Return what features did with the accepted rows by now, None where it cannot be asked.

    The counts are of the feed: rows that it sends on another way meanwhile are among them.
    """
    if before is None:
        return None
    after = None
    with (
        waiting(say("waiting for features …", "等待特征服务处理 …")),
        suppress(RefusedError),
    ):
        after = await caught_up(
            here, [feed], wait_s, before=before, wanted={feed: accepted}, until_idle=False
        )
    after = after if after is not None else await counts_of(here, feed)
    if after is None:
        return None
    handled = {name: count - before[feed][name] for name, count in after[feed].items()}
    return Outcome(**handled, waiting=max(0, accepted - sum(handled.values())))


def warnings(feed: str, outcome: Outcome | None) -> Iterator[str]:
    """Yield what a person should know of an outcome, and do about it."""
    if outcome is None:
        yield say(
            "features does not answer as it should, so what became of the rows is not known: "
            "see `lantern ps`",
            "特征服务未正常应答，无法得知各行的处理结果：见 `lantern ps`",
        )
        return
    if outcome.late:
        yield say(
            f"{outcome.late:,} rows came too late: their days lie before the last {RING_DAYS} "
            "campus days, which is all that features keeps, so they change no indicator and no "
            "alert. Days pass with the clock here; a term that is over is replayed into a home of "
            f"its own: {_REPLAY} (docs/feeds.md, “Rows that come too late”)",
            f"{outcome.late:,} 行来得太晚：所在日期早于特征服务保留的最近 {RING_DAYS} 个校园日，"
            "不会影响任何指标与预警。此处的日期按时钟推进；已结束的学期请重放到单独的目录："
            f"{_REPLAY}（说明见 docs/feeds.md 中 “Rows that come too late”）",
        )
    if outcome.dead:
        yield say(
            f"{outcome.dead:,} rows were refused by features: "
            f"`lantern dead list --feed {feed} --stage features` says why",
            f"{outcome.dead:,} 行被特征服务拒绝：原因见 "
            f"`lantern dead list --feed {feed} --stage features`",
        )
    if outcome.waiting:
        yield say(
            f"{outcome.waiting:,} rows are still on their way to features; `lantern ps` shows lag",
            f"{outcome.waiting:,} 行尚未被特征服务处理；积压见 `lantern ps`",
        )
