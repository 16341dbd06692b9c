"""`/v1/roster/imports`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, UploadFile

from directory.domain.roster.archive import unpack
from directory.domain.roster.report import Report
from directory.models import FaultOut, FileReportOut, RosterReportOut
from directory.routes.desks import Desks, problems
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require
from shared.kernel.errors import TooLargeError

_FAULTS_SHOWN = 1000


def roster_router(desks: Desks, authenticate: Authenticate) -> APIRouter:
    """Return the route that imports a roster."""
    router = APIRouter(tags=["roster"])
    Caller = Annotated[Actor, Depends(authenticate)]  # noqa: N806 - a type

    @router.post("/roster/imports", responses=problems(400, 413))
    async def import_roster(
        file: UploadFile,
        actor: Caller,
        allow_mass_removal: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
    ) -> RosterReportOut:
        """Import a zip of OneRoster 1.2 CSV files in one transaction; again changes nothing."""
        require(actor, "roster.import")
        data = await file.read(desks.max_import_bytes + 1)
        if len(data) > desks.max_import_bytes:
            raise TooLargeError("too_large", f"at most {desks.max_import_bytes} bytes")
        files = unpack(data)
        async with desks.work.write() as stores:
            report, published = await desks.roster.run(
                stores, files, actor, desks.clock.now(), allow_mass_removal=allow_mass_removal
            )
        desks.metrics.imported(report)
        desks.wake()
        return _render(report, published)

    return router


def _render(report: Report, published: int) -> RosterReportOut:
    files = [
        FileReportOut(
            file=file.file,
            read=file.read,
            inserted=file.counts["inserted"],
            updated=file.counts["updated"],
            unchanged=file.counts["unchanged"],
            removed=file.counts["removed"],
            rejected=file.counts["rejected"],
            ignored=file.counts["ignored"],
        )
        for file in report.files.values()
    ]
    shown = [FaultOut.model_validate(vars(fault)) for fault in report.faults[:_FAULTS_SHOWN]]
    return RosterReportOut(
        files=files,
        faults=shown,
        faults_total=len(report.faults),
        students_published=published,
    )
