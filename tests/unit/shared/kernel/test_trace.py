"""Trace context: what is a traceparent, what is none, and what a new span keeps."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.trace import begin, continued, trace_id, valid

FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", re.ASCII)
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{TRACE}-{SPAN}-01"
hexadecimal = st.text("0123456789abcdef", min_size=16, max_size=32)


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        (GOOD, GOOD),
        (f"00-{TRACE}-{SPAN}-00", f"00-{TRACE}-{SPAN}-00"),
        (f"00-{TRACE}-{SPAN}-fe", f"00-{TRACE}-{SPAN}-00"),
        (f"01-{TRACE}-{SPAN}-03", GOOD),
        (f"cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like", GOOD),
    ],
)
def test_a_valid_traceparent_is_kept_as_version_00(given_: str, kept: str) -> None:
    """Of a later version only the parts of version 00 go on, and of the flags only `sampled`."""
    assert valid(given_) == kept


@pytest.mark.parametrize(
    "hostile",
    [
        None,
        "",
        "x\x00",
        GOOD.upper(),
        f" {GOOD}",
        f"{GOOD}\n",
        f"{GOOD}-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"cc-{TRACE}-{SPAN}-01.more",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}",
        f"00_{TRACE}_{SPAN}_01",
        f"00-{TRACE[:-1]}\u0664-{SPAN}-01",
        f"00-{'g' * 32}-{SPAN}-01",
        "a" * 100_000,
    ],
)
def test_what_is_malformed_begins_a_trace_of_its_own(hostile: str | None) -> None:
    """Nothing of a hostile header is taken over."""
    assert valid(hostile) is None
    fresh = continued(hostile)
    assert FORM.fullmatch(fresh)
    assert hostile is None or TRACE not in fresh


@given(st.text(max_size=80) | st.builds("-".join, st.lists(hexadecimal, min_size=4, max_size=5)))
def test_any_text_gives_a_valid_span(text: str) -> None:
    """Whatever a caller sends, what goes on is valid, and validity is stable."""
    assert FORM.fullmatch(continued(text))
    known = valid(text)
    assert known is None or (FORM.fullmatch(known) and valid(known) == known)


@given(trace=st.integers(1, 2**128 - 1), span=st.integers(1, 2**64 - 1), flags=st.integers(0, 255))
def test_a_new_span_keeps_the_trace(trace: int, span: int, flags: int) -> None:
    """A child shares trace and sampling with its parent, and nothing else."""
    parent = f"00-{trace:032x}-{span:016x}-{flags:02x}"
    child = continued(parent)
    assert trace_id(child) == f"{trace:032x}"
    assert child[36:52] != f"{span:016x}"
    assert child.endswith(f"0{flags & 1}")


def test_traces_differ() -> None:
    """Two beginnings are two traces."""
    assert trace_id(begin()) != trace_id(begin())
