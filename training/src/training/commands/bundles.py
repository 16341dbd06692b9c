"""`export`, `sign`, `card`, `compare`: what is done with bundles that exist."""

import argparse
import json
from pathlib import Path
from typing import Any

from shared.bundle.keys import read_private, read_trusted, sign, trusted_key
from shared.bundle.manifest import CARD, MANIFEST, MODEL, SIGNATURE
from training.bundle.card import FIGURES
from training.bundle.reading import read_bundle


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands."""
    card = commands.add_parser("card", help="print the card of a bundle")
    card.add_argument("bundle", type=Path)
    card.add_argument("--json", action="store_true")
    card.set_defaults(run=_card)
    signing = commands.add_parser("sign", help="sign a bundle with a key of yours")
    signing.add_argument("bundle", type=Path)
    signing.add_argument("--key", type=Path, required=True)
    signing.add_argument("--json", action="store_true")
    signing.set_defaults(run=_sign)
    export = commands.add_parser("export", help="copy the verified ONNX file out of a bundle")
    export.add_argument("bundle", type=Path)
    export.add_argument("--out", type=Path, required=True)
    export.add_argument("--trusted", type=Path)
    export.add_argument("--json", action="store_true")
    export.set_defaults(run=_export)
    compare = commands.add_parser("compare", help="figures of bundles side by side")
    compare.add_argument("bundles", type=Path, nargs="+")
    compare.add_argument("--json", action="store_true")
    compare.set_defaults(run=_compare)


def _card(chosen: argparse.Namespace) -> int:
    bundle = read_bundle(chosen.bundle)
    text = bundle.files[CARD].decode()
    _tell(chosen, text, {"model": bundle.manifest.model, "card": text})
    return 0


def _sign(chosen: argparse.Namespace) -> int:
    read_bundle(chosen.bundle)  # never sign what does not fit together
    private = read_private(chosen.key)
    document = (chosen.bundle / MANIFEST).read_bytes()
    (chosen.bundle / SIGNATURE).write_bytes(sign(document, private))
    signer = trusted_key(private, "").id
    _tell(chosen, f"signed by {signer}", {"bundle": str(chosen.bundle), "signed_by": signer})
    return 0


def _export(chosen: argparse.Namespace) -> int:
    bundle = read_bundle(chosen.bundle, read_trusted(chosen.trusted) if chosen.trusted else None)
    model = bundle.files[MODEL]
    chosen.out.write_bytes(model)
    told = {"out": str(chosen.out), "bytes": len(model), "signed_by": bundle.signer}
    _tell(chosen, f"{chosen.out}: {len(model)} bytes", told)
    return 0


def _tell(chosen: argparse.Namespace, text: str, document: dict[str, Any]) -> None:
    print(json.dumps(document, ensure_ascii=False) if chosen.json else text)


def _compare(chosen: argparse.Namespace) -> int:
    found = [(str(folder), read_bundle(folder).manifest) for folder in chosen.bundles]
    if chosen.json:
        document: list[dict[str, Any]] = [
            {
                "bundle": name,
                "model": one.model,
                "rows": one.rows,
                "prevalence": one.prevalence,
                "metrics": {k: [m.value, m.low, m.high] for k, m in one.metrics.items()},
            }
            for name, one in found
        ]
        print(json.dumps(document, ensure_ascii=False))
        return 0
    print("\t".join(["bundle", *FIGURES.values()]))
    for name, one in found:
        cells = [one.metrics.get(figure) for figure in FIGURES]
        told = [f"{m.value:.4f} ({m.low:.4f}-{m.high:.4f})" if m else "–" for m in cells]
        print("\t".join([name, *told]))
    return 0
