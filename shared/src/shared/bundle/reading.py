"""Read a bundle once, verify what was read, and hand on exactly those bytes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from shared.bundle.keys import Signature, TrustedKeys, is_signed
from shared.bundle.manifest import MANIFEST, MODEL, SIGNATURE, Manifest
from shared.kernel.errors import LanternError

MOST_BYTES = 64 * 1024 * 1024


class BundleRefusedError(LanternError):
    """A bundle that is not served; `reason` is a stable code."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


@dataclass(frozen=True)
class Bundle:
    """A verified bundle in memory; `digest` tells one content of the folder from another."""

    manifest: Manifest
    files: dict[str, bytes]
    key: str
    digest: str

    @property
    def model(self) -> bytes:
        return self.files[MODEL]


def fingerprint(folder: Path) -> str:
    """Return a digest of manifest and signature, empty where there is none: what a watcher asks."""
    try:
        parts = [(folder / name).read_bytes() for name in (MANIFEST, SIGNATURE)]
    except OSError:
        return ""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def read_bundle(
    folder: Path, trusted: TrustedKeys, *, catalogue: str, features: list[str]
) -> Bundle:
    """Read and verify a bundle for a catalogue.

    Raises:
        BundleRefusedError: unreadable, unsigned, altered, or made for another catalogue.
    """
    document, signature = read_file(folder, MANIFEST), read_file(folder, SIGNATURE)
    key = verified_signer(document, signature, trusted)
    try:
        manifest = msgspec.json.decode(document, type=Manifest)
    except msgspec.DecodeError as error:
        raise BundleRefusedError("manifest", f"{MANIFEST}: {error}") from None
    files = verified_files(folder, manifest.files)
    _check_meaning(manifest, catalogue, features)
    digest = hashlib.sha256(document + b"\0" + signature).hexdigest()
    return Bundle(manifest, files, key, digest)


def verified_signer(document: bytes, raw: bytes, trusted: TrustedKeys) -> str:
    """Return the id of the trusted key that signed a manifest, given the signature file's bytes.

    Raises:
        BundleRefusedError: no signature, not by a trusted key, or altered after signing.
    """
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


def verified_files(folder: Path, hashes: Mapping[str, str]) -> dict[str, bytes]:
    """Return the files that a manifest names, each with the SHA-256 that it states.

    Raises:
        BundleRefusedError: unreadable or altered, or there is no model among them.
    """
    files = {name: _checked(folder, name, want) for name, want in hashes.items()}
    if MODEL not in files:
        raise BundleRefusedError("manifest", f"{MODEL} is not among the files of the manifest")
    return files


def _checked(folder: Path, name: str, want: str) -> bytes:
    content = read_file(folder, name)
    found = hashlib.sha256(content).hexdigest()
    if found != want:
        raise BundleRefusedError("hash", f"{name} has SHA-256 {found}, the manifest says {want}")
    return content


def _check_meaning(manifest: Manifest, catalogue: str, features: list[str]) -> None:
    if manifest.catalogue != catalogue:
        raise BundleRefusedError(
            "catalogue",
            f"made for catalogue {manifest.catalogue}, this system computes {catalogue}",
        )
    if manifest.features != features:
        raise BundleRefusedError("features", "the features are not those of the catalogue")
    if not set(manifest.evidence) <= set(features) or not manifest.evidence:
        raise BundleRefusedError("features", "evidence names indicators that are not features")
    cuts = manifest.thresholds
    if not cuts.blue < cuts.yellow < cuts.orange:
        raise BundleRefusedError("thresholds", "blue, yellow and orange do not ascend")


def read_file(folder: Path, name: str) -> bytes:
    """Return a file of a bundle.

    Raises:
        BundleRefusedError: unreadable, or larger than `MOST_BYTES`.
    """
    path = folder / name
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BundleRefusedError("size", f"{name} is larger than {MOST_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise BundleRefusedError("unreadable", f"{name}: {error.strerror or error}") from None
