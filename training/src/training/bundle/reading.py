"""Read a table's bundle, verify what was read, and hand on exactly those bytes (no torch)."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from shared.bundle.keys import Signature, TrustedKeys, is_signed
from shared.bundle.manifest import MANIFEST, MODEL, SIGNATURE
from shared.bundle.reading import MOST_BYTES, BundleRefusedError
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
    document = _read(folder, MANIFEST)
    signer = None if trusted is None else _signer(folder, document, trusted)
    try:
        manifest = msgspec.json.decode(document, type=TableManifest)
    except msgspec.DecodeError as error:
        raise BundleRefusedError("manifest", f"{MANIFEST}: {error}") from None
    files = {name: _checked(folder, name, want) for name, want in manifest.files.items()}
    if MODEL not in files:
        raise BundleRefusedError("manifest", f"{MODEL} is not among the files of the manifest")
    return TableBundle(manifest, files, signer)


def _signer(folder: Path, document: bytes, trusted: TrustedKeys) -> str:
    raw = _read(folder, SIGNATURE)
    try:
        signature = msgspec.json.decode(raw, type=Signature)
    except msgspec.DecodeError as error:
        raise BundleRefusedError("signature", f"{SIGNATURE}: {error}") from None
    key = next((one for one in trusted.keys if one.id == signature.key), None)
    if key is None:
        raise BundleRefusedError("untrusted", f"signed by key {signature.key!r}, which is unknown")
    if not is_signed(document, signature, key):
        raise BundleRefusedError("signature", f"{MANIFEST} was altered after key {key.id} signed")
    return key.id


def _checked(folder: Path, name: str, want: str) -> bytes:
    content = _read(folder, name)
    found = hashlib.sha256(content).hexdigest()
    if found != want:
        raise BundleRefusedError("hash", f"{name} has SHA-256 {found}, the manifest says {want}")
    return content


def _read(folder: Path, name: str) -> bytes:
    path = folder / name
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BundleRefusedError("size", f"{name} is larger than {MOST_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise BundleRefusedError("unreadable", f"{name}: {error.strerror or error}") from None
