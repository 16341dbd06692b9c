"""`python -m training.starter`: data sets of some terms to a bundle that scoring serves."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.bundle.keys import read_private
from shared.kernel.errors import LanternError
from training.bundle.writing import write
from training.commands.progress import Told as Progress
from training.dataset.reading import Examples, joined, read_examples
from training.dataset.splits import PARTS
from training.fit.options import Options
from training.report import Words
from training.starter.groups import read_groups
from training.starter.learning import learn
from training.starter.writing import Told, files_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the bundle: 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(prog="python -m training.starter", description=__doc__)
    parser.add_argument("--learn", type=Path, nargs="+", required=True, help="data sets to learn")
    parser.add_argument("--watch", type=Path, nargs="+", required=True, help="to set levels on")
    parser.add_argument(
        "--judge", type=Path, nargs="+", required=True, help="those of a later term"
    )
    parser.add_argument(
        "--groups", type=Path, help="CSV of the judged: student, then college, intake, gender …"
    )
    parser.add_argument(
        "--called", nargs=3, action="append", default=[], metavar=("GROUP", "ZH", "EN"),
        help="what people call a group",
    )  # fmt: skip
    parser.add_argument(
        "--limit", nargs=2, action="append", default=[], metavar=("ZH", "EN"),
        help="a sentence on what the model does not know",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", default="starter-2")
    parser.add_argument("--title", default="starter, trained on simulated students only")
    parser.add_argument("--data", choices=["simulated", "campus"], default="simulated")
    parser.add_argument("--term", action="append", default=[], help="a line of the card")
    parser.add_argument("--key", type=Path, help="sign with this private key")
    parser.add_argument("--seed", type=int, default=Options.seed)
    parser.add_argument("--hidden", type=int, default=32)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--budget", type=int, default=1)
    parser.add_argument("--distil", action="store_true", help="teach by the baselines; slower")
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args(arguments)
    try:
        _build(chosen)
    except LanternError as error:
        print(f"lantern: {error}", file=sys.stderr)  # noqa: T201 - for a person
        return 2
    return 0


def _build(chosen: argparse.Namespace) -> None:
    train, watch, judge = (_read(group) for group in (chosen.learn, chosen.watch, chosen.judge))
    options = Options(
        seed=chosen.seed,
        folds=chosen.folds,
        budget=chosen.budget,
        threads=chosen.threads,
        hidden=chosen.hidden,
        distil=chosen.distil,
    )
    groups = read_groups(chosen.groups, judge.student.tolist()) if chosen.groups else None
    with Progress(quiet=not sys.stderr.isatty()) as tell:
        learned = learn(
            train, watch, judge, options=options, data=chosen.data, groups=groups, tell=tell
        )
    told = Told(
        model=chosen.model,
        title=chosen.title,
        data=chosen.data,
        seed=chosen.seed,
        terms=chosen.term,
        learning=_told(train),
        judging=_told(judge),
        limits=tuple(Words(zh, en) for zh, en in chosen.limit),
        names={group: Words(zh, en) for group, zh, en in chosen.called},
    )
    files = files_of(learned, told)
    write(files, chosen.out, read_private(chosen.key) if chosen.key else None)
    size = sum(map(len, files.values()))
    print(f"{chosen.out}: {size} bytes; {learned.fitted.chosen}")  # noqa: T201 - the answer


def _read(folders: Sequence[Path]) -> Examples:
    """Read whole data sets: here a campus and term, not a part of one, is what parts meet by."""
    return joined([read_examples(folder, PARTS)[0] for folder in folders])


def _told(examples: Examples) -> dict[str, Any]:
    return {
        "students": len(set(examples.student.tolist())),
        "rows": len(examples),
        "prevalence": float(examples.label.mean()),
        "first": min(examples.time.tolist()),
        "last": max(examples.time.tolist()),
    }


if __name__ == "__main__":
    sys.exit(main())
