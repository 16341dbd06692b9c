"""The audit chain as values."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from directory.domain.audit import (
    GENESIS,
    AuditEntry,
    ChainCheck,
    ChainedEntry,
    SignedHead,
    Verdict,
    chained,
)
from directory.domain.signing import HeadSigner

ENTRIES = st.lists(
    st.builds(
        AuditEntry,
        at=st.just("2026-09-01T00:00:00Z"),
        actor=st.sampled_from(["a", "b"]),
        action=st.sampled_from(["identity.reveal", "leave.write"]),
        subject=st.text(max_size=5),
        outcome=st.sampled_from(["open", "refuse"]),
        detail=st.dictionaries(st.sampled_from(["x", "y"]), st.text(max_size=5)),
    ),
    min_size=1,
    max_size=8,
)


def chain(entries: list[AuditEntry]) -> list[ChainedEntry]:
    links: list[ChainedEntry] = []
    for entry in entries:
        links.append(chained(entry, links[-1] if links else None))
    return links


def check(links: list[ChainedEntry], *heads: SignedHead) -> Verdict:
    checking = ChainCheck()
    for link in links:
        checking.feed(link)
    for head in heads:
        checking.match_head(head, is_signature_good=True)
    return checking.verdict()


@given(ENTRIES)
def test_an_untouched_chain_is_intact(entries: list[AuditEntry]) -> None:
    """Every chain that was only added to passes."""
    links = chain(entries)
    assert check(links) == Verdict(len(links), links[-1].hash)
    assert check([]) == Verdict(0, GENESIS)


@given(ENTRIES, st.data())
def test_any_change_is_found_at_the_entry(entries: list[AuditEntry], data: st.DataObject) -> None:
    """A changed field is found at that entry or, with its hash redone, at the next."""
    links = chain(entries)
    at = data.draw(st.integers(0, len(links) - 1))
    name = data.draw(st.sampled_from(["actor", "subject", "outcome", "at", "action"]))
    changed = AuditEntry(**(vars(links[at].entry) | {name: "changed"}))
    assume(changed != links[at].entry)
    naive = [*links[:at], replace(links[at], entry=changed), *links[at + 1 :]]
    assert check(naive).first_broken == at + 1
    redone = [*links[:at], chained(changed, links[at - 1] if at else None), *links[at + 1 :]]
    head = SignedHead("2026-09-01", links[-1].sequence, links[-1].hash, "")
    broken = check(redone, head).first_broken
    assert broken == (at + 2 if at + 1 < len(links) else at + 1)


@given(ENTRIES, st.data())
def test_a_lost_or_moved_entry_is_found(entries: list[AuditEntry], data: st.DataObject) -> None:
    """Leaving out or exchanging entries breaks the chain, unless the tail alone is cut."""
    links = chain(entries)
    at = data.draw(st.integers(0, len(links) - 1))
    cut = links[:at] + links[at + 1 :]
    head = SignedHead("2026-09-01", links[-1].sequence, links[-1].hash, "")
    assert not check(cut, head).is_intact
    if len(links) > 1:
        assert not check(links[::-1]).is_intact


def test_a_head_is_signed_with_our_key_only() -> None:
    """A signature covers day, sequence and hash, and another key's is refused."""
    signer, other = HeadSigner(b"1" * 32), HeadSigner(b"2" * 32)
    head = SignedHead("2026-09-01", 3, "ab", "")
    signature = signer.sign(head.message())
    assert signer.is_signature(head.message(), signature)
    assert not other.is_signature(head.message(), signature)
    assert not signer.is_signature(replace(head, sequence=2).message(), signature)
    assert not signer.is_signature(head.message(), "not base64 !")
