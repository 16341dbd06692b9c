"""What a person finds who opens the bare address of a service."""

import importlib
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from shared.settings import load

KEYS = ("PSEUDONYM_KEY", "DEAD_LETTER_KEY", "DIRECTORY_VAULT_KEY")


def opened(service: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Return a client of a service built as it runs; nothing connects."""
    monkeypatch.setenv("LANTERN_HOME", str(home))
    for name in KEYS:
        monkeypatch.setenv(f"LANTERN_{name}", "00" * 32)
    main = importlib.import_module(f"{service}.main")
    return TestClient(main.build(load(main.Settings)).app)


@pytest.mark.parametrize("service", ["ingest", "directory", "features", "scoring"])
def test_the_bare_address_leads_to_the_documents(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`/` ends at `/docs` without a token, and is no part of the API's document."""
    client = opened(service, tmp_path, monkeypatch)
    found = client.get("/")
    assert (found.status_code, found.url.path) == (200, "/docs")
    assert "/" not in client.get("/openapi.json").json()["paths"]


def test_alerts_keeps_its_page_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The live page stands at `/` of alerts, outside of the document too."""
    client = opened("alerts", tmp_path, monkeypatch)
    found = client.get("/", follow_redirects=False)
    assert found.status_code == 200
    assert 'id="list"' in found.text
    assert "/" not in client.get("/openapi.json").json()["paths"]
