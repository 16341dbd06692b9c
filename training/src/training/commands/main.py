"""Arguments of every command; what a person can mend is one line, not a trace."""

import argparse
import sys
from collections.abc import Callable, Sequence

from shared.kernel.errors import ConfigError, LanternError
from training.commands import bundles, predicting

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0, 1 failed, 2 bad usage or input."""
    parser = argparse.ArgumentParser(prog="lantern model", description="Train and use models.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    predicting.add(commands)
    bundles.add(commands)
    _add_training(commands)
    chosen = parser.parse_args(arguments)
    run: Command = chosen.run
    try:
        return run(chosen)
    except ConfigError as error:
        return _fail(error, 2)
    except LanternError as error:
        return _fail(error, 1)


def _fail(error: Exception, code: int) -> int:
    print(f"lantern: {error}", file=sys.stderr)
    return code


def _add_training(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add what needs torch, where torch is."""
    try:
        from training.commands import results, training  # noqa: PLC0415 - predict works without torch
    except ModuleNotFoundError as error:
        if error.name not in {"torch", "lightgbm", "sklearn", "onnx"}:
            raise
        missing = error.name
        for name in ("train", "results"):
            absent = commands.add_parser(name, help="needs `make install-training`", add_help=False)
            absent.add_argument("rest", nargs=argparse.REMAINDER)
            absent.set_defaults(run=lambda _: _absent(missing))
        return
    training.add(commands)
    results.add(commands)


def _absent(missing: str | None) -> int:
    raise ConfigError("training", f"{missing} is not installed here: `make install-training`")
