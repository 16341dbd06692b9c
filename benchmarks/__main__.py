"""Run the benchmarks and print their figures: `make bench`, `make bench ONLY=T1`."""

import argparse
import importlib
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figure import Figure, machine, save
from shared.kernel.clock import SystemClock

MODULES = {
    "T1": "t1_catch_up",
    "T2": "t2_peers",
    "T3": "t3_latency",
    "T5": "t5_memory",
    "T6": "t6_recovery",
    "T7": "t7_ingest",
    "T8": "t8_scoring",
    "T9": "t9_flatness",
}
RESULTS = Path(__file__).parent / "results" / "latest.json"
console = Console()


def main() -> int:
    """Return 0 when all ran, whether or not targets are met: figures are for reading."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", choices=MODULES, help="run one figure")
    only = parser.parse_args().only
    for name, value in machine().items():
        console.print(f"  {name:<12} {value}", highlight=False)
    figures = []
    for name in [only] if only else MODULES:
        console.rule(name)
        found: Figure = importlib.import_module(f"benchmarks.{MODULES[name]}").measure(
            console.print
        )
        figures.append(found)
        save(figures, RESULTS, SystemClock().now())
    _show(figures)
    return 0


def _show(figures: list[Figure]) -> None:
    table = Table(title="Lantern, measured in this run", title_justify="left")
    for column in ("", "figure", "value", "target", "ratio", "met"):
        table.add_column(column)
    for f in figures:
        mark = "[green]yes[/]" if f.is_met else "[red]no[/]"
        value, target = f"{f.value:,.4g} {f.unit}", f"{f.target:,.4g} {f.unit}"
        table.add_row(f.id, f.what, value, target, f"{f.ratio:.2f}", mark)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
