"""`python -m training.dataset build|check`: what `lantern dataset` starts; exits 3 on a leak."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from shared.crypto.pseudonym import Pseudonymiser
from shared.kernel.errors import ConfigError, LanternError
from training.dataset.build import Ask, build, write
from training.dataset.labels import EPOCH, Labels, Reader
from training.dataset.leaks import Columns, Finding, check, refused
from training.dataset.splits import Shares, Split
from training.dataset.store import opened
from training.table.parsing import chunks, header

LEAK = 3
_WEEK = 7
_SHARES = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command: 0 done, 1 failed, 2 bad usage or input, 3 a leak."""
    parser = argparse.ArgumentParser(prog="lantern dataset", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_build(commands.add_parser("build", help="point-in-time tables from history and labels"))
    _add_check(commands.add_parser("check", help="look for leaks in flat tables"))
    chosen = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = chosen.run
    try:
        return run(chosen)
    except LanternError as error:
        print(f"lantern: {error}", file=sys.stderr)  # noqa: T201 - for a person
        return 2


def _add_build(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--features-db", help="else LANTERN_FEATURES_DATABASE_URL")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--labels", type=Path, help="CSV student,time,label[,scale]")
    source.add_argument("--verdicts", type=Path, help="alerts.events.v1 as JSON lines")
    source.add_argument("--truth", type=Path, help="truth.csv of a simulation")
    parser.add_argument("--as-of", help="DAY, FROM..TO or FROM..TO/STEP; truth: default weekly")
    parser.add_argument("--lead", type=int, default=0, help="days between vector and label")
    parser.add_argument("--max-age", type=int, default=_WEEK, help="days a vector may be older")
    parser.add_argument("--skip-early", action="store_true", help="leave out labels too far back")
    parser.add_argument("--students", default="0.7,0.15,0.15", help="shares of the parts")
    parser.add_argument("--times", default="0.6,0.2,0.2", help="shares of the parts")
    parser.add_argument("--seed", type=int, default=Split.seed)
    parser.add_argument("--timezone", default="Asia/Shanghai")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_build)


def _build(chosen: argparse.Namespace) -> int:
    url = chosen.features_db or os.environ.get("LANTERN_FEATURES_DATABASE_URL")
    if not url:
        raise ConfigError("--features-db", "is missing, and so is LANTERN_FEATURES_DATABASE_URL")
    ask = Ask(
        labels=_labels(chosen),
        split=Split(_shares(chosen.students), _shares(chosen.times), chosen.seed),
        days=_days(chosen.as_of, weekly=chosen.truth is not None),
        lead=chosen.lead,
        max_age=chosen.max_age,
        skip_early=chosen.skip_early,
    )
    built = build(opened(url), ask, _tell)
    write(built, chosen.out)
    if chosen.json:
        print(json.dumps(built.document, ensure_ascii=False))  # noqa: T201 - the answer
    else:
        for part, told in built.document["parts"].items():
            print(  # noqa: T201 - the answer
                f"{part:6} {told['rows']:>8} rows {told['students']:>7} students "
                f"{told['prevalence']:>7.2%} positive  {told['first']} to {told['last']}"
            )
        _say(built.findings)
    return LEAK if built.is_refused else 0


def _labels(chosen: argparse.Namespace) -> Labels:
    reader = Reader(ZoneInfo(chosen.timezone), _pseudonym())
    if chosen.truth:
        return reader.truth(chosen.truth)
    return reader.screening(chosen.labels) if chosen.labels else reader.verdicts(chosen.verdicts)


def _pseudonym() -> Callable[[str], str]:
    """Return what turns numbers into pseudonyms; pseudonyms stay, and without a key all do."""
    key = os.environ.get("LANTERN_PSEUDONYM_KEY")
    if not key:
        return lambda student: student
    name = os.environ.get("LANTERN_PSEUDONYM_KEY_ID", "p1")
    maker = Pseudonymiser(name, bytes.fromhex(key))
    return lambda s: s if s.startswith(f"{name}:") else maker.pseudonym(s)


def _days(text: str | None, *, weekly: bool) -> Callable[[int], bool] | None:
    """Return which label days are asked for."""
    if text is None:
        return (lambda day: day % _WEEK == 0) if weekly else None
    span, _, step = text.partition("/")
    first, _, last = span.partition("..")
    try:
        low = date.fromisoformat(first).toordinal() - EPOCH
        high = date.fromisoformat(last or first).toordinal() - EPOCH
        every = int(step or (_WEEK if weekly else 1))
    except ValueError:
        raise ConfigError("--as-of", f"{text!r} is not DAY, FROM..TO or FROM..TO/STEP") from None
    if every < 1 or high < low:
        raise ConfigError("--as-of", f"{text!r} holds no day")
    return lambda day: low <= day <= high and (day - low) % every == 0


def _shares(text: str) -> Shares:
    try:
        parts = [float(one) for one in text.split(",")]
    except ValueError:
        parts = []
    whole = abs(sum(parts) - 1.0) < 1e-9  # noqa: PLR2004 - rounding
    if len(parts) != _SHARES or min(parts) <= 0 or not whole:
        raise ConfigError("shares", f"{text!r} is not three shares that make 1")
    return parts[0], parts[1], parts[2]


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--valid", type=Path)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--id", required=True)
    parser.add_argument("--label", required=True)
    parser.add_argument("--group", help="column of the student, where the id names a row")
    parser.add_argument("--time", help="column of the evidence's time")
    parser.add_argument("--label-time", help="column of the label's time")
    parser.add_argument("--scale", help="the scale that the label comes from, such as phq9")
    parser.add_argument("--allow", action="append", default=[], help="a column not to judge")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_check)


def _check(chosen: argparse.Namespace) -> int:
    columns = Columns(
        id=chosen.id,
        label=chosen.label,
        group=chosen.group,
        time=chosen.time,
        label_time=chosen.label_time,
        scale=chosen.scale,
        allowed=frozenset(chosen.allow),
    )
    files = {"train": chosen.table, "valid": chosen.valid, "test": chosen.test}
    tables = {part: _read(path, columns) for part, path in files.items() if path is not None}
    findings = check(tables, columns)
    if chosen.json:
        found = [asdict(one) for one in findings]
        print(json.dumps({"findings": found}, ensure_ascii=False))  # noqa: T201 - the answer
    else:
        _say(findings)
        if not findings:
            print("no leak found")  # noqa: T201 - the answer
    return LEAK if refused(findings) else 0


def _read(path: Path, columns: Columns) -> dict[str, list[str]]:
    names = header(path)
    absent = sorted(columns.roles - set(names))
    if absent:
        raise ConfigError(path.name, f"has no column {absent[0]!r}; there are {names}")
    table: dict[str, list[str]] = {name: [] for name in names}
    for chunk in chunks(path, names):
        for name, cells in zip(names, chunk.columns, strict=True):
            table[name] += cells
    return table


def _say(findings: Sequence[Finding]) -> None:
    """Name the columns on standard error, never the rows: their ids are people's."""
    for one in findings:
        what = ", ".join(one.columns) or "-"
        count = f" ({one.count} rows)" if one.count else ""
        line = f"{one.severity} {one.rule} in {one.part}{count}: {what}: {one.detail}"
        print(line, file=sys.stderr)  # noqa: T201 - for a person


def _tell(what: str, done: int, whole: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == whole else "\r"
        print(f"{what} {done}/{whole}", end=end, file=sys.stderr)  # noqa: T201 - for a person


if __name__ == "__main__":
    sys.exit(main())
