"""Pseudonyms and sealed values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from shared.crypto.keys import required_key
from shared.crypto.pseudonym import Pseudonymiser
from shared.crypto.sealing import Sealer, UnsealableError
from shared.kernel.errors import ConfigError

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))


@given(number=st.text(min_size=1, max_size=40))
def test_a_pseudonym_does_not_hold_the_number(number: str) -> None:
    """The pseudonym has the key's id in front, one length, and depends on the key."""
    value = Pseudonymiser("p1", KEY).pseudonym(number)
    assert value.startswith("p1:")
    assert len(value) == 35
    assert value != Pseudonymiser("p1", OTHER).pseudonym(number)
    assert len(number) < 6 or number not in value


def test_white_space_and_case_do_not_make_another_person() -> None:
    """Feeds write one number in several ways."""
    make = Pseudonymiser("p1", KEY).pseudonym
    assert make("s20260001") == make(" S20260001 ")


def test_a_full_cache_changes_no_pseudonym() -> None:
    """The memory of known numbers is bounded, and losing it changes nothing."""
    small = Pseudonymiser("p1", KEY, cache_size=2)
    first = [small.pseudonym(f"S{n}") for n in range(10)]
    assert [small.pseudonym(f"S{n}") for n in range(10)] == first


@given(plain=st.binary(max_size=200), place=st.text(max_size=30))
def test_a_sealed_value_opens_in_its_place_only(plain: bytes, place: str) -> None:
    """Opening gives the bytes back; moving the value to another row does not work."""
    sealer = Sealer("v1", {"v1": KEY})
    sealed = sealer.seal(plain, place)
    assert sealer.open(sealed, place) == plain
    with pytest.raises(UnsealableError):
        sealer.open(sealed, place + "x")


def test_an_old_key_still_opens_after_rotation() -> None:
    """A new current key opens what the old one sealed; without the old key nothing does."""
    old = Sealer("v1", {"v1": KEY}).seal(b"note", "t:c:1")
    assert Sealer("v2", {"v1": KEY, "v2": OTHER}).open(old, "t:c:1") == b"note"
    with pytest.raises(UnsealableError, match="no key 'v1'"):
        Sealer("v2", {"v2": OTHER}).open(old, "t:c:1")


@pytest.mark.parametrize(
    ("value", "says"),
    [(None, "is not set"), ("zz", "not hexadecimal"), ("00ff", "2 bytes instead of 32")],
)
def test_a_bad_key_names_its_setting(value: str | None, says: str) -> None:
    """A missing, odd or short key is refused at start, and the message shows no key."""
    with pytest.raises(ConfigError, match=says) as caught:
        required_key("LANTERN_X_KEY", SecretStr(value) if value else None)
    assert caught.value.where == "LANTERN_X_KEY"
