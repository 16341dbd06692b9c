"""What makes a bundle refused, and what the refusal says."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.helpers.bundles import CATALOGUE, FEATURES, KEY, TRUSTED, a_bundle

from shared.bundle.keys import (
    TrustedKey,
    add_trusted,
    new_private,
    read_private,
    read_trusted,
    trusted_key,
)
from shared.bundle.manifest import MANIFEST, MODEL, SIGNATURE, Thresholds
from shared.bundle.reading import Bundle, BundleRefusedError, fingerprint, read_bundle
from shared.kernel.errors import ConfigError


def read(folder: Path, catalogue: str = CATALOGUE) -> Bundle:
    return read_bundle(folder, TRUSTED, catalogue=catalogue, features=FEATURES)


def refusal(folder: Path, catalogue: str = CATALOGUE) -> BundleRefusedError:
    with pytest.raises(BundleRefusedError) as caught:
        read(folder, catalogue)
    return caught.value


def test_a_signed_bundle_is_read(tmp_path: Path) -> None:
    """What was signed by a trusted key and not altered is read, with the key's id."""
    bundle = read(a_bundle(tmp_path))
    assert bundle.manifest.model == "test-1"
    assert bundle.key == TRUSTED.keys[0].id
    assert bundle.model == (tmp_path / MODEL).read_bytes()


def test_an_altered_model_is_refused_with_both_hashes(tmp_path: Path) -> None:
    """One bit of the model is enough, and the message names what was found and expected."""
    a_bundle(tmp_path)
    content = bytearray((tmp_path / MODEL).read_bytes())
    content[-1] ^= 1
    (tmp_path / MODEL).write_bytes(content)
    error = refusal(tmp_path)
    assert error.reason == "hash"
    assert error.detail.count("SHA-256") == 1
    assert len([word for word in error.detail.replace(",", "").split() if len(word) == 64]) == 2


def test_an_altered_manifest_is_refused(tmp_path: Path) -> None:
    """A threshold changed by hand breaks the signature."""
    a_bundle(tmp_path)
    document = (tmp_path / MANIFEST).read_bytes().replace(b"0.7", b"0.1")
    (tmp_path / MANIFEST).write_bytes(document)
    assert refusal(tmp_path).reason == "signature"


def test_a_stranger_s_signature_is_refused(tmp_path: Path) -> None:
    """A valid signature by a key that nobody trusts is no signature."""
    a_bundle(tmp_path, key=Ed25519PrivateKey.generate())
    assert refusal(tmp_path).reason == "untrusted"


def test_a_forged_key_id_is_refused(tmp_path: Path) -> None:
    """Naming a trusted key does not make its signature."""
    a_bundle(tmp_path, key=Ed25519PrivateKey.generate())
    raw = (tmp_path / SIGNATURE).read_text()
    stranger = raw.split('"')[3]
    (tmp_path / SIGNATURE).write_text(raw.replace(stranger, TRUSTED.keys[0].id))
    assert refusal(tmp_path).reason == "signature"


def test_another_catalogue_is_refused_with_both_hashes(tmp_path: Path) -> None:
    """The message names the catalogue of the bundle and that of the system."""
    a_bundle(tmp_path)
    error = refusal(tmp_path, catalogue="d" * 64)
    assert error.reason == "catalogue"
    assert CATALOGUE in error.detail
    assert "d" * 64 in error.detail


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"features": FEATURES[::-1]}, "features"),
        ({"evidence": ["other"]}, "features"),
        ({"evidence": []}, "features"),
        ({"thresholds": Thresholds(0.5, 0.5, 0.7)}, "thresholds"),
        ({"files": {}}, "manifest"),
        ({"files": {"missing.bin": "0" * 64}}, "unreadable"),
    ],
)
def test_a_signed_mistake_is_refused(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    """A signature does not excuse a manifest that makes no sense."""
    a_bundle(tmp_path, **change)
    assert refusal(tmp_path).reason == reason


@pytest.mark.parametrize("name", [MANIFEST, SIGNATURE, MODEL])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    """The refusal says which file is not there."""
    a_bundle(tmp_path)
    (tmp_path / name).unlink()
    error = refusal(tmp_path)
    assert error.reason == "unreadable"
    assert name in error.detail


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"key": 1}', b"\xff\xfe", b"null"])
def test_rubbish_is_refused_and_nothing_else(tmp_path: Path, content: bytes) -> None:
    """Whatever the files hold, the outcome is a refusal."""
    a_bundle(tmp_path)
    (tmp_path / SIGNATURE).write_bytes(content)
    assert refusal(tmp_path).reason == "signature"


def test_a_file_outside_of_the_folder_cannot_be_named(tmp_path: Path) -> None:
    """A manifest is refused when a file's name is a path."""
    a_bundle(tmp_path, files={"../secret": "0" * 64})
    assert refusal(tmp_path).reason == "manifest"


def test_the_fingerprint_changes_with_the_bundle(tmp_path: Path) -> None:
    """A watcher sees a new bundle, and the absence of one."""
    assert fingerprint(tmp_path) == ""
    first = fingerprint(a_bundle(tmp_path))
    assert first == fingerprint(tmp_path) != fingerprint(a_bundle(tmp_path, model="test-2"))


def test_keys_are_written_once_and_read_back(tmp_path: Path) -> None:
    """A private key is for its owner only, and is never overwritten."""
    path = tmp_path / "keys" / "mine.key"
    private = new_private(path)
    assert path.stat().st_mode & 0o077 == 0
    assert read_private(path).private_bytes_raw() == private.private_bytes_raw()
    with pytest.raises(ConfigError):
        new_private(path)


def test_trusted_keys_are_added_and_checked(tmp_path: Path) -> None:
    """A key is added once; an id that is not the key's own is refused."""
    path = tmp_path / "trusted.json"
    add_trusted(path, trusted_key(KEY, "one"))
    add_trusted(path, trusted_key(KEY, "two"))
    assert [key.comment for key in read_trusted(path).keys] == ["two"]
    add_trusted(path, TrustedKey("0" * 16, "00" * 32))
    with pytest.raises(ConfigError):
        read_trusted(path)
    with pytest.raises(ConfigError):
        read_trusted(tmp_path / "none.json")
