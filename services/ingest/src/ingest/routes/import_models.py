"""Requests and responses of imports."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingest.domain.feed import FEED_ID
from ingest.domain.imports import (
    FileProgress,
    Import,
    ImportPlan,
    ImportState,
    LookupFile,
    RowFault,
    SourceFile,
)
from ingest.domain.mapping_description import FeedDescription

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FeedId = Annotated[str, Field(pattern=FEED_ID, max_length=64)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FileIn(_Strict):
    """A file of rows, uploaded before."""

    feed: FeedId
    name: Name
    sha256: Sha256


class LookupIn(FileIn):
    """A file of one of a feed's lookups, uploaded before."""

    lookup: Name


class ImportIn(_Strict):
    """What to import: descriptions, and the files of each; all are merged by event time."""

    name: Name
    descriptions: list[FeedDescription] = Field(min_length=1, max_length=100)
    files: list[FileIn] = Field(min_length=1, max_length=1000)
    lookups: list[LookupIn] = Field(default=[], max_length=200)

    @model_validator(mode="after")
    def _feeds_are_distinct(self) -> Self:
        feeds = [description.feed for description in self.descriptions]
        if len(set(feeds)) != len(feeds):
            raise ValueError("a feed is described twice")
        return self

    def plan(self) -> ImportPlan:
        return ImportPlan(
            tuple(self.descriptions),
            tuple(SourceFile(n, f.feed, f.name, f.sha256) for n, f in enumerate(self.files)),
            tuple(LookupFile(t.feed, t.lookup, t.name, t.sha256) for t in self.lookups),
        )


class UploadOut(BaseModel):
    """A file that is kept."""

    sha256: str
    bytes: int


class CountsOut(BaseModel):
    """Rows read and what became of them: `read` is the sum of the other three."""

    read: int
    accepted: int
    duplicate: int
    rejected: int


class FileOut(CountsOut):
    """One file, and why its rows were rejected."""

    feed: str
    name: str
    reasons: dict[str, int]


class ImportOut(BaseModel):
    """How far an import is; `total` is known once all files were read and sorted."""

    id: str
    name: str
    state: ImportState
    created_at: datetime
    updated_at: datetime
    staged: int
    total: int | None
    event_time: str | None
    error: str | None


class ImportDetailOut(ImportOut):
    """An import with its counts, in all and by file."""

    counts: CountsOut
    reasons: dict[str, int]
    files: list[FileOut]


class FaultOut(BaseModel):
    """A line at fault; never what stood there."""

    file: str
    line: int
    column: str | None
    reason: str


class ReportOut(BaseModel):
    """The validation report: a page of lines, all reasons with their totals."""

    total: int
    reasons: dict[str, int]
    faults: list[FaultOut]
    next: str | None


def import_out(job: Import) -> ImportOut:
    return ImportOut(
        id=job.id,
        name=job.name,
        state=job.state,
        created_at=job.created_at,
        updated_at=job.updated_at,
        staged=job.staged,
        total=job.total,
        event_time=job.position.at or None,
        error=job.error,
    )


def detail_out(job: Import, files: list[FileProgress]) -> ImportDetailOut:
    shown = [_file_out(file) for file in files]
    return ImportDetailOut(
        **import_out(job).model_dump(),
        counts=CountsOut(
            read=sum(f.read for f in shown),
            accepted=sum(f.accepted for f in shown),
            duplicate=sum(f.duplicate for f in shown),
            rejected=sum(f.rejected for f in shown),
        ),
        reasons=summed(files),
        files=shown,
    )


def _file_out(progress: FileProgress) -> FileOut:
    counts = progress.counts
    return FileOut(
        feed=progress.file.feed,
        name=progress.file.name,
        reasons=dict(progress.reasons),
        read=counts.read,
        accepted=counts.accepted,
        duplicate=counts.duplicate,
        rejected=counts.rejected,
    )


def summed(files: list[FileProgress]) -> dict[str, int]:
    """Return the reasons of all files, most frequent first."""
    total: dict[str, int] = {}
    for file in files:
        for reason, count in file.reasons.items():
            total[reason] = total.get(reason, 0) + count
    return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))


def report_out(files: list[FileProgress], faults: list[RowFault], limit: int) -> ReportOut:
    names = {file.file.number: file.file.name for file in files}
    last = faults[-1] if len(faults) == limit else None
    return ReportOut(
        total=sum(file.counts.rejected for file in files),
        reasons=summed(files),
        faults=[
            FaultOut(file=names[f.file], line=f.line, column=f.column, reason=f.reason)
            for f in faults
        ],
        next=f"{last.file}:{last.line}" if last else None,
    )
