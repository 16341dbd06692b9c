"""Small bundles with an untrained network, exported as trained ones are, and keys to sign them."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.bundle.keys import TrustedKeys, sign, trusted_key
from shared.bundle.manifest import (
    CARD,
    MANIFEST,
    MODEL,
    SIGNATURE,
    DataWindow,
    Manifest,
    Thresholds,
    encode,
)
from shared.drift.reference import FILE as REFERENCE
from training.export.graph import build
from training.export.vectors import VECTOR
from training.network.weights import Weights
from training.preprocess.recipe import Recipe

CATALOGUE = "c" * 64
FEATURES = ["breakfast_rate", "meal_count", "silent_days"]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TRUSTED = TrustedKeys([trusted_key(KEY, "tests")])


def a_network(size: int = len(FEATURES), seed: int = 1) -> tuple[Recipe, Weights]:
    """Return a network with random parameters; its typical student is at every median, as usual."""
    rng = np.random.default_rng(seed)
    members, hidden, width = 1, 8, 3 * size
    none = np.empty(0)
    recipe = Recipe(
        center=np.concatenate([rng.normal(size=size), np.zeros(size)]),
        scale=rng.uniform(0.5, 2.0, 2 * size),
        gaps=np.arange(size),
        bin_of=none.astype(np.int64),
        bin_low=none,
        bin_width=none,
        kept=[],
        mean=np.zeros(width),
    )
    weights = Weights(
        "sigmoid",
        first=rng.normal(size=(members, hidden, width)),
        first_bias=rng.normal(size=(members, hidden)),
        second=None,
        second_bias=None,
        output=rng.normal(size=(members, hidden)),
        skip=rng.normal(size=width) * 0.3,
        intercept=-0.5,
        temperature=1.3,
    )
    return recipe, weights


def a_model(size: int = len(FEATURES), seed: int = 1) -> bytes:
    """Return the graph of `a_network`."""
    return build(*a_network(size, seed), VECTOR)


def a_bundle(
    folder: Path,
    *,
    model: str = "test-1",
    catalogue: str = CATALOGUE,
    features: list[str] | None = None,
    key: Ed25519PrivateKey = KEY,
    onnx: bytes | None = None,
    seed: int = 1,
    reference: bytes | None = None,
    **changes: Any,
) -> Path:
    """Write and sign a bundle; `changes` replace fields of its manifest."""
    names = FEATURES if features is None else features
    content = a_model(len(names), seed) if onnx is None else onnx
    files = {MODEL: content, CARD: b"# a test\n"}
    if reference is not None:
        files[REFERENCE] = reference
    fields: dict[str, Any] = {
        "format": 1,
        "model": model,
        "title": "a test",
        "catalogue": catalogue,
        "features": names,
        "evidence": names,
        "thresholds": Thresholds(0.3, 0.5, 0.7),
        "coverage_floor": 0.5,
        "prevalence": 0.1,
        "metrics": {},
        "data": DataWindow("simulated", 10, 20, "2026-01-01", "2026-03-01"),
        "seed": seed,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    document = encode(Manifest(**(fields | changes)))
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / MANIFEST).write_bytes(document)
    (folder / SIGNATURE).write_bytes(sign(document, key))
    return folder
