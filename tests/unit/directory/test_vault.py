"""The vault: what is sealed opens at its place only, and is found by keyed hash only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.domain.vault import Identity, Vault
from shared.crypto.sealing import Sealer, UnsealableError

OLD, NEW = b"o" * 32, b"n" * 32
TEXTS = st.text(max_size=40)
IDENTITIES = st.builds(Identity, name=TEXTS, number=TEXTS, email=TEXTS, webhook=TEXTS)


def vault(key_id: str = "v1", key: bytes = OLD, **keys: bytes) -> Vault:
    return Vault(Sealer(key_id, {key_id: key, **keys}), key)


@given(IDENTITIES)
def test_what_is_sealed_opens_again(identity: Identity) -> None:
    """Opening is the inverse of sealing, and nothing of it shows."""
    sealed = vault().seal("person_1", identity)
    assert vault().open("person_1", sealed) == identity
    assert identity.name not in repr(identity) or len(identity.name) < 12


def test_a_value_is_bound_to_column_and_person() -> None:
    """A value moved to another person or column, or cut, does not open."""
    sealed = vault().seal("person_1", Identity("名", "N1", "a@b.example", ""))
    with pytest.raises(UnsealableError):
        vault().open("person_2", sealed)
    with pytest.raises(UnsealableError):
        vault().open_one("person_1", "name", sealed["number"])
    with pytest.raises(UnsealableError):
        vault().open_one("person_1", "name", sealed["name"][:-8])


def test_an_earlier_key_still_opens() -> None:
    """After a rotation old values open, new ones carry the new key's id."""
    identity = Identity("名", "N1", "", "")
    sealed = vault().seal("person_1", identity)
    rotated = vault("v2", NEW, v1=OLD)
    assert rotated.open("person_1", sealed) == identity
    assert rotated.seal("person_1", identity)["name"].startswith("v2.")
    with pytest.raises(UnsealableError):
        vault("v2", NEW).open("person_1", sealed)


def test_hashes_need_the_key() -> None:
    """The same id gives the same hash under one key, another under another key or purpose."""
    assert vault().person_id("s-1") == vault().person_id("s-1")
    assert vault().person_id("s-1") != vault("v2", NEW).person_id("s-1")
    assert vault().mac("a", "bc") != vault().mac("ab", "c")
