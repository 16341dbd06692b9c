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
