"""What a report says of a table's model: from its manifest, and what the run knows beside it."""

from training.bundle.manifest import TableManifest
from training.evaluation.figures import DataKind
from training.report.context import Context, Part, Words


def context_of(
    manifest: TableManifest,
    data: DataKind = "table",
    created: str = "",
    *,
    parts: tuple[Part, ...] | None = None,
    network: str = "",
) -> Context:
    """Return it; without `parts` the manifest's own count of rows stands for what was learned."""
    learned = Part("train", None, manifest.rows, manifest.prevalence)
    return Context(
        title=Words(manifest.title, manifest.title),
        model=manifest.model,
        data=data,
        created=created,
        seed=manifest.seed,
        parts=(learned,) if parts is None else parts,
        inputs=len(manifest.columns),
        network=network,
    )
