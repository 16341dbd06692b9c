"""`predict`: scores of a table."""

import argparse
import json
import sys
from pathlib import Path

from shared.bundle.keys import read_trusted
from training.bundle.reading import read_bundle
from training.predict import predict


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("predict", help="score a table: id,probability")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--id", required=True, help="column that names a row")
    parser.add_argument("--out", type=Path, required=True, help="CSV to write")
    parser.add_argument(
        "--trusted", type=Path, help="file of trusted keys; then a signature is needed"
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    trusted = read_trusted(chosen.trusted) if chosen.trusted else None
    bundle = read_bundle(chosen.bundle, trusted)
    rows, strange = predict(bundle, chosen.table, chosen.id, chosen.out)
    if strange:
        print(
            f"lantern: {strange} text cells in columns of numbers count as missing",
            file=sys.stderr,
        )
    if chosen.json:
        told = {
            "rows": rows,
            "out": str(chosen.out),
            "strange_cells": strange,
            "model": bundle.manifest.model,
            "signed_by": bundle.signer,
        }
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(f"{chosen.out}: {rows} rows")
    return 0
