"""Write (or, with --check, compare) every generated document under docs/.

AsyncAPI and JSON Schemas come from shared.contracts, OpenAPI from each service's app, the indicator
page from the catalogue, the permission table from shared.auth.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from shared.auth import permission
from shared.contracts import asyncapi
from shared.features import page
from shared.settings import load

DOCS = Path(__file__).parents[1] / "docs"
SERVICES = ("ingest", "directory", "features", "scoring", "alerts")
_KEY = "00" * 32  # building an app needs keys to be present; nothing is sealed with this one


def pretty(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def documents() -> Iterator[tuple[Path, str]]:
    """Yield each generated file with its content."""
    yield DOCS / "api" / "asyncapi.json", pretty(asyncapi.document())
    for name, schema in asyncapi.schemas().items():
        yield DOCS / "api" / "schemas" / f"{name}.json", pretty(schema)
    for service in SERVICES:
        yield DOCS / "api" / f"{service}.openapi.json", pretty(openapi(service))
    yield DOCS / "indicators.md", page.page()
    yield DOCS / "permissions.md", permission.table()


def openapi(service: str) -> dict[str, object]:
    """Build the service as it is built to run, connecting to nothing, and ask for its document."""
    main = importlib.import_module(f"{service}.main")
    built = main.build(load(main.Settings))
    document: dict[str, object] = built.app.openapi()
    return document


def main() -> int:
    """Return 0 when everything is written or current, 1 when --check found a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")
    check = parser.parse_args().check
    stale = []
    with tempfile.TemporaryDirectory() as home:
        os.environ["LANTERN_HOME"] = home
        for name in ("PSEUDONYM_KEY", "DEAD_LETTER_KEY", "DIRECTORY_VAULT_KEY"):
            os.environ[f"LANTERN_{name}"] = _KEY
        for path, text in documents():
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            stale.append(path)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    for path in stale:
        print(("stale: " if check else "wrote ") + str(path.relative_to(DOCS.parent)))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
