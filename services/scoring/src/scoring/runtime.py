"""The model behind the `Model` port: a verified bundle in an onnxruntime session of one thread."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from scoring.domain.inputs import Inputs
from scoring.domain.lanes import Candidate
from scoring.domain.ports import Output
from shared.bundle.keys import TrustedKeys
from shared.bundle.manifest import CARD, Manifest
from shared.bundle.reading import Bundle, BundleRefusedError, fingerprint, read_bundle
from shared.drift import reference
from shared.drift.reference import Reference

INPUTS = {
    "values": "tensor(float)",
    "usual": "tensor(float)",
    "coverage": "tensor(float)",
    "explain": "tensor(bool)",
}
OUTPUTS = {"probability": "tensor(float)", "contributions": "tensor(float)"}
BLOCK = 512  # vectors a call: 4,096 at once take twice as long each
_FATAL_ONLY = 4
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")


class OnnxModel:
    """Scores with one bundle. Its batches give the same bits as its single rows (tested)."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._session = _session(bundle)
        self._reference = _reference(bundle)

    @property
    def manifest(self) -> Manifest:
        return self._bundle.manifest

    @property
    def digest(self) -> str:
        return self._bundle.digest

    @property
    def key(self) -> str:
        return self._bundle.key

    @property
    def reference(self) -> Reference | None:
        return self._reference

    @property
    def card(self) -> str:
        return self._bundle.files.get(CARD, b"").decode(errors="replace")

    def run(self, inputs: Inputs, *, explain: bool) -> Output:
        """Score `[n, k]` in blocks, so that what lies between stays in the processor's cache."""
        starts = range(0, max(len(inputs.values), 1), BLOCK)
        found = [self._block(inputs, slice(at, at + BLOCK), explain=explain) for at in starts]
        probability, contributions = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return Output(probability, contributions)

    def _block(self, inputs: Inputs, rows: slice, *, explain: bool) -> list[NDArray[np.float32]]:
        feeds = {
            "values": inputs.values[rows],
            "usual": inputs.usual[rows],
            "coverage": inputs.coverage[rows],
            "explain": np.array(explain),
        }
        found: list[NDArray[np.float32]] = self._session.run(list(OUTPUTS), feeds)
        return found


def load(folder: Path, trusted: TrustedKeys, *, catalogue: str, features: list[str]) -> OnnxModel:
    """Verify a bundle, build its session from the verified bytes, and try it once.

    Raises:
        BundleRefusedError: with the reason, both hashes where hashes differ.
    """
    return OnnxModel(read_bundle(folder, trusted, catalogue=catalogue, features=features))


def _reference(bundle: Bundle) -> Reference | None:
    content = bundle.files.get(reference.FILE)
    if content is None:
        return None
    try:
        return reference.decode(content)
    except ValueError as error:
        raise BundleRefusedError("reference", f"{reference.FILE}: {error}") from None


class BundleShelf:
    """Bundles by the name of their folder; the one of the settings has its own place."""

    def __init__(
        self, folder: Path, initial: Path, trusted: TrustedKeys, meaning: "Meaning"
    ) -> None:
        self._folder = folder
        self._initial = initial
        self._trusted = trusted
        self._meaning = meaning

    def path(self, name: str) -> Path:
        return self._initial if name == self._initial.name else self._folder / name

    def candidates(self) -> list[Candidate]:
        """Return the bundles that are there, refused ones too, in the order of their names."""
        try:
            names = {path.name for path in self._folder.iterdir() if _NAME.fullmatch(path.name)}
        except OSError:
            names = set()
        prints = {name: fingerprint(self.path(name)) for name in {*names, self._initial.name}}
        return [Candidate(name, print_) for name, print_ in sorted(prints.items()) if print_]

    def load(self, name: str, digest: str = "") -> OnnxModel:
        """Verify and build a bundle; with a digest, that content and no other.

        Raises:
            BundleRefusedError: it does not verify, is not there, or is not what was promoted.
        """
        meaning = self._meaning
        model = load(
            self.path(name), self._trusted, catalogue=meaning.catalogue, features=meaning.features
        )
        if digest and model.digest != digest:
            raise BundleRefusedError(
                "not_promoted",
                f"{name} holds {model.digest}, the log made {digest} champion; give another "
                "content another name and promote that",
            )
        return model


@dataclass(frozen=True)
class Meaning:
    """What this system computes: the catalogue's hash and ids, which a bundle must match."""

    catalogue: str
    features: list[str]


def _session(bundle: Bundle) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1  # unset, it counts the host's cores, not ours
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY
    try:
        session = ort.InferenceSession(bundle.model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - onnxruntime's own classes have no common base
        raise BundleRefusedError("model", f"cannot be loaded: {type(error).__name__}") from None
    found = {one.name: one.type for one in session.get_inputs()}
    given = {one.name: one.type for one in session.get_outputs()}
    if found != INPUTS or given != OUTPUTS:
        raise BundleRefusedError(
            "signature_of_model",
            f"inputs {found} and outputs {given} instead of {INPUTS} and {OUTPUTS}",
        )
    _try(session, len(bundle.manifest.features))
    return session


def _try(session: ort.InferenceSession, width: int) -> None:
    """Score one empty student: a model of another width or with NaN results is refused."""
    nothing = np.full((1, width), np.nan, dtype=np.float32)
    covered = np.zeros((1, width), dtype=np.float32)
    feeds = {"values": nothing, "usual": nothing, "coverage": covered, "explain": np.array(True)}  # noqa: FBT003 - an array of one truth
    try:
        probability, contributions = session.run(list(OUTPUTS), feeds)
    except Exception as error:  # noqa: BLE001 - onnxruntime's own classes have no common base
        raise BundleRefusedError("model", f"does not run: {type(error).__name__}") from None
    shapes_fit = probability.shape == (1,) and contributions.shape == (1, width)
    if not shapes_fit or not np.isfinite(probability).all():
        raise BundleRefusedError("model", "does not give one finite probability a student")
