"""The client side of file feeds: find descriptions, register feeds, upload, import, follow."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.ingest_calls import IngestCalls
from cli.output import fail
from ingest.domain.mapping_description import FeedDescription, FeedSet
from ingest.readers.descriptions import load_all
from ingest.readers.folders import files_of

_CHUNK = 1 << 20
_LOOK_EVERY_S = 0.5
OPEN_STATES = ("waiting", "staging", "sending")
FeedsFolder = Annotated[
    Path | None,
    typer.Option("--feeds", envvar="LANTERN_FEEDS", help="Folder of descriptions. 描述文件夹。"),
]
Progress = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True)
class Chosen:
    """The files of one import, below one folder."""

    folder: Path
    feeds: Sequence[tuple[FeedDescription, Sequence[str]]]

    @property
    def descriptions(self) -> list[FeedDescription]:
        return [description for description, _ in self.feeds]

    def lookups(self) -> Iterable[tuple[FeedDescription, str, str]]:
        """Yield (description, lookup, file name) for every lookup file."""
        for description in self.descriptions:
            for key, lookup in description.lookups.items():
                for name in files_of(self.folder, lookup.file):
                    yield description, key, name


def feeds_folder(given: Path | None) -> Path:
    """Return the folder of descriptions: as given, else `feeds` here, else the project's own."""
    places = [given] if given else [Path("feeds"), Path(__file__).parents[3] / "feeds"]
    for place in places:
        if place.is_dir():
            return place
    return fail(f"no folder of feed descriptions: {', '.join(map(str, places))}", 2)


def known_sets(given: Path | None) -> list[tuple[FeedSet, list[FeedDescription]]]:
    """Return all feed sets of the folder of descriptions."""
    return list(load_all(feeds_folder(given)))


def find_feed(given: Path | None, name: str) -> FeedDescription:
    """Return a shipped description by its feed's id."""
    for _, descriptions in known_sets(given):
        for description in descriptions:
            if description.feed == name:
                return description
    return fail(f"no feed {name!r} is described; `lantern feeds list` shows all", 2)


class Ingest(IngestCalls):
    """What a file feed asks of ingest."""

    async def register(self, descriptions: Sequence[FeedDescription]) -> None:
        """Register the feeds, or bring them to what their descriptions say."""
        for description in descriptions:
            body = {
                "owner": description.owner,
                "types": [description.type],
                "cadence_s": description.cadence,
            }
            await self.call("PUT", f"/v1/feeds/{description.feed}", json=body)

    async def start(self, name: str, chosen: Chosen, uploaded: Callable[[], None]) -> str:
        """Upload the files and ask for their import; return its id."""
        files, lookups = [], []
        for description, names in chosen.feeds:
            for file in names:
                sha256 = await self._upload(chosen.folder / file, uploaded)
                files.append({"feed": description.feed, "name": file, "sha256": sha256})
        for description, key, file in chosen.lookups():
            sha256 = await self._upload(chosen.folder / file, uploaded)
            place = {"feed": description.feed, "lookup": key}
            lookups.append({**place, "name": file, "sha256": sha256})
        described = [d.model_dump(mode="json", by_alias=True) for d in chosen.descriptions]
        body = {"name": name, "descriptions": described, "files": files, "lookups": lookups}
        return str((await self.call("POST", "/v1/imports", json=body))["id"])

    async def _upload(self, path: Path, uploaded: Callable[[], None]) -> str:
        sha256, size = await asyncio.to_thread(_sha256, path)
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        where = f"/v1/imports/files/{sha256}"
        await self.call("PUT", where, content=_Content(path), headers=headers)
        uploaded()
        return sha256

    async def follow(self, import_id: str, progress: Progress) -> dict[str, Any]:
        """Return the import when it is done; ends the command when it failed."""
        while True:
            found: dict[str, Any] = await self.call("GET", f"/v1/imports/{import_id}")
            progress(found)
            if found["state"] not in OPEN_STATES:
                break
            await asyncio.sleep(_LOOK_EVERY_S)
        if found["state"] == "failed":
            fail(f"import {import_id}: {found['error']}")
        return found

    async def wait_for_others(self, budget_s: float) -> None:
        """Return when no import is under way, so that counts belong to one import."""
        for _ in range(int(budget_s / _LOOK_EVERY_S)):
            found = await self.call("GET", "/v1/imports")
            if not any(each["state"] in OPEN_STATES for each in found):
                return
            await asyncio.sleep(_LOOK_EVERY_S)
        fail("another import is still under way; see `lantern feeds imports`")


class _Content:
    """A file's bytes as a request's body, from the start at every attempt."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self._path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk


def _sha256(path: Path) -> tuple[str, int]:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), path.stat().st_size
