"""File imports over HTTP: upload files by their SHA-256, ask for an import, watch it, read why."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Path, Query, Request

from ingest.routes.import_models import (
    ImportDetailOut,
    ImportIn,
    ImportOut,
    ReportOut,
    UploadOut,
    detail_out,
    import_out,
    report_out,
)
from ingest.routes.responses import problems
from ingest.service.imports import ImportService
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require
from shared.kernel.errors import TooLargeError

ImportId = Annotated[str, Path(pattern=r"^import_[0-9a-f]{32}$")]
Hash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
_OCTETS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class KeepsFiles(Protocol):
    """Where uploads go."""

    async def put(self, sha256: str, chunks: AsyncIterator[bytes]) -> int:
        """Keep a file; return its size. Raises TooLargeError or RuleBrokenError."""
        ...


def build_import_router(
    imports: ImportService, files: KeepsFiles, authenticate: Authenticate, *, max_bytes: int
) -> APIRouter:
    """Return the router of `/v1/imports`."""
    router = APIRouter(prefix="/v1/imports", tags=["imports"])
    caller = Depends(authenticate)

    @router.put(
        "/files/{sha256}",
        responses=problems(400, 401, 403, 413, 422, 503),
        openapi_extra=_OCTETS,
        summary="Upload a file",
    )
    async def upload(sha256: Hash, request: Request, actor: Annotated[Actor, caller]) -> UploadOut:
        """Keep a file under its SHA-256 until it is imported, at most a day."""
        require(actor, "feed.manage")
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > max_bytes:
            raise TooLargeError("too_large", f"at most {max_bytes} bytes a file")
        return UploadOut(sha256=sha256, bytes=await files.put(sha256, request.stream()))

    @router.post(
        "", status_code=202, responses=problems(400, 401, 403, 422, 503), summary="Import files"
    )
    async def ask(wanted: ImportIn, actor: Annotated[Actor, caller]) -> ImportOut:
        """Import files of registered feeds, merged by event time; repeating adds nothing."""
        require(actor, "feed.manage")
        return import_out(await imports.request(wanted.name, wanted.plan()))

    @router.get("", responses=problems(401, 403, 422, 503), summary="List imports")
    async def newest(
        actor: Annotated[Actor, caller], limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> list[ImportOut]:
        """Return the newest imports."""
        require(actor, "feed.read")
        return [import_out(job) for job in await imports.newest(limit)]

    @router.get(
        "/{import_id}", responses=problems(401, 403, 404, 422, 503), summary="Watch an import"
    )
    async def show(import_id: ImportId, actor: Annotated[Actor, caller]) -> ImportDetailOut:
        """Return state and counts, in all and by file."""
        require(actor, "feed.read")
        return detail_out(*await imports.get(import_id))

    @router.get(
        "/{import_id}/report",
        responses=problems(401, 403, 404, 422, 503),
        summary="Read an import's validation report",
    )
    async def report(
        import_id: ImportId,
        actor: Annotated[Actor, caller],
        after: Annotated[str, Query(pattern=r"^[0-9]{1,6}:[0-9]{1,9}$")] = "0:0",
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> ReportOut:
        """Return the lines at fault, page by page: file, line, column and reason, never a value.

        All rejected rows are counted; of each file and reason the first 1,000 seen are listed;
        `next` is the `after` of the following page.
        """
        require(actor, "feed.read")
        file, _, line = after.partition(":")
        files, faults = await imports.faults(import_id, (int(file), int(line)), limit)
        return report_out(files, faults, limit)

    return router
