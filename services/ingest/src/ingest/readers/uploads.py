"""Uploaded files under `<home>/imports`, named by their SHA-256; staging areas lie beside them."""

import hashlib
import os
import re
from collections.abc import AsyncIterable, Collection
from datetime import datetime
from pathlib import Path

from ingest.domain.imports import Import
from ingest.domain.mapping import RowMapper
from ingest.domain.mapping_description import FeedDescription
from ingest.domain.mapping_values import LookupTable
from ingest.readers.lookups import read_lookup
from ingest.readers.staging import SqliteStaging
from shared.kernel.clock import Clock
from shared.kernel.errors import RuleBrokenError, TooLargeError
from shared.kernel.ids import new_id

_PRIVATE = 0o600
_PRIVATE_FOLDER = 0o700
_UNUSED_S = 86_400
_TICK_S = 0.001  # of file systems' clocks


class Uploads:
    """The folder of uploads; `id_key` keys the ids of the events that imports make."""

    def __init__(self, folder: Path, id_key: bytes, clock: Clock, *, max_bytes: int) -> None:
        self._folder = folder
        self._clock = clock
        self._id_key = id_key
        self._max_bytes = max_bytes

    def prepare(self) -> None:
        """Make the folder, for the owner only."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)

    def tidy(self, open_imports: Collection[str], needed: Collection[str]) -> None:
        """Delete what a crash left; an upload waits a day for its import."""
        self.prepare()
        oldest = self._clock.now().timestamp() - _UNUSED_S
        for path in self._folder.iterdir():
            name = path.name
            is_staging = name.startswith("import_") and name.partition(".")[0] not in open_imports
            is_unused = name not in needed and path.stat().st_mtime < oldest
            if path.suffix == ".part" or is_staging or (_is_upload(name) and is_unused):
                path.unlink(missing_ok=True)

    def has(self, sha256: str) -> bool:
        return self._path(sha256).is_file()

    async def put(self, sha256: str, chunks: AsyncIterable[bytes]) -> int:
        """Keep a file as it streams in; return its size.

        Raises:
            TooLargeError: more bytes than allowed.
            RuleBrokenError: the bytes have another SHA-256.
        """
        self.prepare()
        part = self._folder / f"{new_id('upload')}.part"
        digest, size = hashlib.sha256(), 0
        try:
            with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY, _PRIVATE), "wb") as stream:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > self._max_bytes:
                        raise TooLargeError("too_large", f"at most {self._max_bytes} bytes a file")
                    digest.update(chunk)
                    stream.write(chunk)
            if digest.hexdigest() != sha256:
                raise RuleBrokenError("wrong_hash", "the bytes have another SHA-256")
            now = self._clock.now().timestamp()
            os.utime(part, (now, now))
            part.replace(self._path(sha256))
        finally:
            part.unlink(missing_ok=True)
        return size

    def open(self, job: Import) -> SqliteStaging:
        """Open the staging area of an import; see `OpensStaging`."""
        files = {sha256: self._path(sha256) for sha256 in job.plan.sha256s}
        if any(not path.is_file() for path in files.values()):
            raise RuleBrokenError("unknown_file", "an uploaded file is gone; upload it again")
        mappers = {d.feed: self._mapper(job, d, files) for d in job.plan.descriptions}
        return SqliteStaging(self._folder / f"{job.id}.db", job, mappers, files)

    def release(self, sha256s: Collection[str], until: datetime) -> None:
        last = until.timestamp() + _TICK_S
        for path in map(self._path, sha256s):
            if path.is_file() and path.stat().st_mtime <= last:
                path.unlink(missing_ok=True)

    def _mapper(
        self, job: Import, description: FeedDescription, files: dict[str, Path]
    ) -> RowMapper:
        tables: dict[str, LookupTable] = {}
        for key, lookup in description.lookups.items():
            mine = [
                files[f.sha256]
                for f in job.plan.lookups
                if (f.feed, f.lookup) == (description.feed, key)
            ]
            if not mine:
                raise RuleBrokenError("missing_lookup", f"no file for lookup {key!r}")
            tables[key] = read_lookup(lookup, mine)
        return RowMapper(description, tables, self._id_key)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256


def _is_upload(name: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}", name) is not None
