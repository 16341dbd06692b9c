"""What every feed sent and what became of it."""

from typing import Annotated

from fastapi import APIRouter, Depends

from ingest.domain.ledger import Counts
from ingest.domain.ports import LedgerStore
from ingest.models import AllCountsOut, CountsOut
from ingest.routes.responses import problems
from ingest.service.statuses import total
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require


def build_counts_router(books: LedgerStore, authenticate: Authenticate) -> APIRouter:
    """Return the router of the counts; they come from the database, so from all processes."""
    router = APIRouter(tags=["counts"])
    caller = Annotated[Actor, Depends(authenticate)]

    @router.get("/v1/counts", responses=problems(401, 403, 503))
    async def get_counts(actor: caller) -> AllCountsOut:
        """Count what every feed sent and what became of it, since its registration."""
        require(actor, "counts.read")
        pages = await books.books()
        return AllCountsOut(
            feeds={feed: counts_out(page.counts) for feed, page in sorted(pages.items())},
            total=counts_out(total(pages)),
        )

    return router


def counts_out(counts: Counts) -> CountsOut:
    """Render counts."""
    return CountsOut(
        read=counts.read,
        accepted=counts.accepted,
        duplicate=counts.duplicate,
        rejected=counts.rejected,
    )
