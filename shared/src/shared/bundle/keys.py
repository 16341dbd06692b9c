"""Ed25519 keys that sign bundles, and the file of those that are trusted."""

import base64
import hashlib
import os
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from shared.kernel.errors import ConfigError

_KEY_BYTES = 32
_PRIVATE = 0o600


class TrustedKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A public key (64 hexadecimal digits) with its id and what it is for."""

    id: str
    public: str
    comment: str = ""


class TrustedKeys(Struct, frozen=True, forbid_unknown_fields=True):
    """The file of keys whose bundles are served."""

    keys: list[TrustedKey]


class Signature(Struct, frozen=True, forbid_unknown_fields=True):
    """The file `signature`: by which key, and 64 bytes in base64."""

    key: str
    signature: str


def key_id(public: bytes) -> str:
    """Return the id of a public key: the first 16 digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def read_trusted(path: Path) -> TrustedKeys:
    """Read the trusted keys.

    Raises:
        ConfigError: the file is missing or is not such a file.
    """
    try:
        trusted = msgspec.json.decode(path.read_bytes(), type=TrustedKeys)
    except FileNotFoundError:
        raise ConfigError("trusted_keys_file", f"{path} does not exist") from None
    except (msgspec.DecodeError, OSError) as error:
        raise ConfigError("trusted_keys_file", f"{path}: {error}") from None
    for key in trusted.keys:
        _public(key)
    return trusted


def add_trusted(path: Path, key: TrustedKey) -> None:
    """Add a key to the file, which is made when it does not exist."""
    known = read_trusted(path).keys if path.exists() else []
    keys = [*(one for one in known if one.id != key.id), key]
    path.parent.mkdir(parents=True, exist_ok=True)
    document = msgspec.json.format(msgspec.json.encode(TrustedKeys(keys)), indent=2)
    path.write_bytes(document + b"\n")


def new_private(path: Path) -> Ed25519PrivateKey:
    """Make a key and write it (64 hexadecimal digits, for its owner only); never overwrite one.

    Raises:
        ConfigError: the file exists.
    """
    private = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    except FileExistsError:
        raise ConfigError("key", f"{path} exists already") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(private.private_bytes_raw().hex() + "\n")
    return private


def read_private(path: Path) -> Ed25519PrivateKey:
    """Read a key that `new_private` wrote.

    Raises:
        ConfigError: missing, or not 64 hexadecimal digits.
    """
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))
    except (OSError, ValueError) as error:
        raise ConfigError("key", f"{path}: {error}") from None


def sign(manifest: bytes, private: Ed25519PrivateKey) -> bytes:
    """Return the file `signature` for a manifest."""
    public = private.public_key().public_bytes_raw()
    text = base64.b64encode(private.sign(manifest)).decode()
    return msgspec.json.encode(Signature(key_id(public), text)) + b"\n"


def trusted_key(private: Ed25519PrivateKey, comment: str) -> TrustedKey:
    """Return the public part as an entry of the trusted keys."""
    public = private.public_key().public_bytes_raw()
    return TrustedKey(key_id(public), public.hex(), comment)


def is_signed(manifest: bytes, signature: Signature, key: TrustedKey) -> bool:
    """Say whether the signature of a manifest is by a key."""
    try:
        _public(key).verify(base64.b64decode(signature.signature, validate=True), manifest)
    except (InvalidSignature, ValueError):
        return False
    return True


def _public(key: TrustedKey) -> Ed25519PublicKey:
    try:
        raw = bytes.fromhex(key.public)
    except ValueError:
        raw = b""
    if len(raw) != _KEY_BYTES or key.id != key_id(raw):
        raise ConfigError("trusted_keys_file", f"key {key.id!r} is not the id of a 32-byte key")
    return Ed25519PublicKey.from_public_bytes(raw)
