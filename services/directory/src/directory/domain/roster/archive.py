"""A roster as one zip: bounded, flat, and only the files that we know."""

import io
import zipfile
import zlib

from shared.kernel.errors import RuleBrokenError, TooLargeError

FILES = (
    "manifest.csv",
    "orgs.csv",
    "classes.csv",
    "users.csv",
    "roles.csv",
    "enrollments.csv",
    "academicSessions.csv",
)
MAX_MEMBERS = 64
MAX_UNPACKED_BYTES = 256 * 1024 * 1024


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the known files by name, whatever folder of the zip they are in.

    Raises:
        RuleBrokenError: not a readable zip, encrypted, or a file twice.
        TooLargeError: more members or bytes than a roster ever has.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError):
        raise RuleBrokenError("bad_zip", "the file is not a readable zip", field="file") from None


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise TooLargeError("too_many_files", f"a roster has at most {MAX_MEMBERS} files")
    files: dict[str, bytes] = {}
    left = MAX_UNPACKED_BYTES
    for member in members:
        name = member.filename.rsplit("/", 1)[-1]
        if name not in FILES:
            continue
        if name in files:
            raise RuleBrokenError("duplicate_file", f"{name} is in the zip twice", field="file")
        with archive.open(member) as handle:
            content = handle.read(left + 1)
        left -= len(content)
        if left < 0:
            raise TooLargeError("unpacked_too_large", "the zip unpacks to more than we accept")
        files[name] = content
    return files
