"""Run the benchmarks and print their figures: `make bench`, `make bench ONLY=T1`."""

import argparse
import importlib
import signal
import sys
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figure import Figure, Taken, load_average, machine, save
from shared.kernel.clock import SystemClock

MODULES = {
    "T1": "t1_catch_up",
    "T2": "t2_peers",
    "T3": "t3_latency",
    "T4": "t4_urgent",
    "T5": "t5_memory",
    "T6": "t6_recovery",
    "T7": "t7_ingest",
    "T8": "t8_scoring",
    "T9": "t9_flatness",
    "T10": "t10_decisions",
}
RESULTS = Path(__file__).parent / "results" / "latest.json"
console = Console()


def main() -> int:
    """Return 0 when all ran, whether or not targets are met: figures are for reading."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", choices=MODULES, nargs="+", help="run these figures")
    only = parser.parse_args().only
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended
    for name, value in machine().items():
        console.print(f"  {name:<12} {value}", highlight=False)
    figures, failed = [], []
    for name in only or MODULES:
        console.rule(name)
        try:
            figures.append(_take(name))
        except Exception:  # noqa: BLE001 - the other figures are still wanted
            console.print_exception(max_frames=6)
            failed.append(name)
    _show(figures)
    if failed:
        console.print(f"did not run to their end: {', '.join(failed)}")
    return 1 if failed else 0


def _take(name: str) -> Figure:
    """Measure one figure and keep it at once, so that a later failure does not lose it."""
    module, before = importlib.import_module(f"benchmarks.{MODULES[name]}"), load_average()
    figure: Figure = module.measure(
        partial(console.print, highlight=False, markup=False, soft_wrap=True)
    )
    save(figure, Taken(SystemClock().now(), before, load_average()), RESULTS)
    return figure


def _show(figures: list[Figure]) -> None:
    table = Table(title="Lantern, measured in this run", title_justify="left")
    for column in ("", "figure", "value", "target", "ratio", "met"):
        table.add_column(column)
    for f in figures:
        mark = "[green]yes[/]" if f.is_met else "[red]no[/]"
        value, target, ratio = "no valid value", f"{f.target:,.4g} {f.unit}", "-"
        if f.value is not None and f.ratio is not None:
            value, ratio = f"{f.value:,.4g} {f.unit}", f"{f.ratio:.2f}"
        table.add_row(f.id, f"{f.what} {f.invalid}".strip(), value, target, ratio, mark)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
