"""Logs: what could name a person is redacted on the way."""

import json

import pytest

from shared.observability import logging
from shared.observability.logging import get_logger


def test_identities_do_not_reach_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers, addresses and secret fields are replaced, whatever the key is called."""
    logging.configure("info", "json")
    get_logger("test").info(
        "import.row",
        detail="call 13800138000 or write to someone@example.edu, id 11010119900307123X",
        token="abc",
        feed="card",
    )
    line = capsys.readouterr().err
    entry = json.loads(line)
    assert entry["feed"] == "card"
    assert entry["token"] == "[redacted]"
    for secret in ("13800138000", "someone@example.edu", "11010119900307123X", "abc"):
        assert secret not in line


@pytest.mark.parametrize("style", ["json", "plain"])
def test_an_exception_tells_no_identity(style: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The text of a logged exception is redacted too, with the row that PostgreSQL quotes."""
    logging.configure("info", style)
    try:
        _refuse("call 13800138000\nDETAIL:  Failing row contains (7, Planted Name).\nend")
    except ValueError:
        get_logger("test").exception("import.failed", feed="card")
    written = capsys.readouterr().err
    assert "ValueError" in written
    assert "import.failed" in written
    assert "end" in written
    for secret in ("13800138000", "Planted Name"):
        assert secret not in written


def _refuse(text: str) -> None:
    raise ValueError(text)
