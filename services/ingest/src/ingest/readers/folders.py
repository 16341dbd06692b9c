"""Which feed set a folder has the shape of, and which of its files belong to which feed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.domain.mapping_description import FeedDescription, FeedSet, FileShape
from ingest.readers.rows import fits
from shared.kernel.errors import RuleBrokenError


@dataclass(frozen=True)
class Matched:
    """A folder seen through a feed set; file names are relative to the folder, with `/`."""

    feed_set: FeedSet
    feeds: tuple[tuple[FeedDescription, tuple[str, ...]], ...]
    lookups: tuple[str, ...]
    skipped: tuple[tuple[str, str, str], ...]
    absent: tuple[str, ...]
    other: tuple[str, ...]

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(name for _, names in self.feeds for name in names)


def files_of(folder: Path, shape: FileShape) -> tuple[str, ...]:
    """Return the files that a description's globs name, each once, sorted by name."""
    found = {path for glob in shape.glob for path in folder.glob(glob) if path.is_file()}
    return tuple(sorted(path.relative_to(folder).as_posix() for path in found))


def match_folder(
    folder: Path, sets: Iterable[tuple[FeedSet, Sequence[FeedDescription]]]
) -> Matched:
    """Return the one feed set whose feeds find their files in a folder.

    Raises:
        RuleBrokenError: no set fits, or two fit equally well.
    """
    seen = [_seen_through(folder, feed_set, feeds) for feed_set, feeds in sets]
    fitting = sorted((m for m in seen if m.feeds), key=lambda m: len(m.feeds), reverse=True)
    if not fitting:
        raise RuleBrokenError("unknown_folder", "no feed set fits the files of this folder")
    if len(fitting) > 1 and len(fitting[0].feeds) == len(fitting[1].feeds):
        names = ", ".join(m.feed_set.set for m in fitting[:2])
        raise RuleBrokenError("ambiguous_folder", f"two feed sets fit equally well: {names}")
    return fitting[0]


def _seen_through(
    folder: Path, feed_set: FeedSet, descriptions: Sequence[FeedDescription]
) -> Matched:
    found = [(d, _fitting_files(folder, d)) for d in descriptions]
    feeds = tuple((d, names) for d, names in found if names)
    tables = {
        name
        for description, _ in feeds
        for lookup in description.lookups.values()
        for name in files_of(folder, lookup.file)
    }
    skipped = tuple(
        (entry.file, entry.reason.en, entry.reason.zh)
        for entry in feed_set.skipped
        if (folder / entry.file).is_file()
    )
    known = {n for _, names in feeds for n in names} | tables | {name for name, _, _ in skipped}
    everything = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    return Matched(
        feed_set,
        feeds,
        tuple(sorted(tables)),
        skipped,
        tuple(description.feed for description, names in found if not names),
        tuple(sorted(everything - known)),
    )


def _fitting_files(folder: Path, description: FeedDescription) -> tuple[str, ...]:
    if any(not files_of(folder, lookup.file) for lookup in description.lookups.values()):
        return ()
    names = files_of(folder, description.file)
    return tuple(name for name in names if fits(folder / name, description))
