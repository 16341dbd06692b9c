"""Read a table's bundle, verify what was read, and hand on exactly those bytes (no torch)."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from shared.bundle.keys import TrustedKeys
from shared.bundle.manifest import MANIFEST, SIGNATURE
from shared.bundle.reading import (
    BundleRefusedError,
    read_file,
    verified_files,
    verified_signer,
)
from training.bundle.manifest import TableManifest


@dataclass(frozen=True)
class TableBundle:
    """A verified bundle; `signer` is the id of the key that was verified, none where none was."""

    manifest: TableManifest
    files: dict[str, bytes]
    signer: str | None


def read_bundle(folder: Path, trusted: TrustedKeys | None = None) -> TableBundle:
    """Read a bundle; with trusted keys it must be signed by one of them.

    Raises:
        BundleRefusedError: unreadable, altered, of another format, or (with keys) not signed.
    """
    document = read_file(folder, MANIFEST)
    signer = None
    if trusted is not None:
        signer = verified_signer(document, read_file(folder, SIGNATURE), trusted)
    try:
        manifest = msgspec.json.decode(document, type=TableManifest)
    except msgspec.DecodeError as error:
        raise BundleRefusedError("manifest", f"{MANIFEST}: {error}") from None
    return TableBundle(manifest, verified_files(folder, manifest.files), signer)
