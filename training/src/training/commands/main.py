"""Arguments of every command; what a person can mend is one line, not a trace."""

import argparse
import sys
from collections.abc import Callable, Sequence

from shared.kernel.errors import ConfigError, LanternError
from training.commands import bundles, evaluating, predicting
from training.settling import LeakError

NEEDED = frozenset({"torch", "lightgbm", "sklearn", "onnx"})
Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0, 1 failed, 2 bad usage or input, 3 a leak."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="lantern model", description="Train and use models.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    predicting.add(commands)
    evaluating.add(commands)
    bundles.add(commands)
    try:
        _add_training(commands, words)
        chosen = parser.parse_args(words)
        run: Command = chosen.run
        return run(chosen)
    except ConfigError as error:
        return _fail(error, 2)
    except LeakError as error:
        return _fail(error, 3)
    except LanternError as error:
        return _fail(error, 1)


def _fail(error: Exception, code: int) -> int:
    print(f"lantern: {error}", file=sys.stderr)
    return code


def _add_training(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", words: Sequence[str]
) -> None:
    """Add what needs torch, where torch is; say how to get it where it is asked for.

    Raises:
        ConfigError: training is asked for in an environment without torch.
    """
    try:
        from training.commands import results, training  # noqa: PLC0415 - predict needs no torch
    except ModuleNotFoundError as error:
        if error.name not in NEEDED:
            raise
        if words[:1] and words[0] in {"train", "results"}:
            text = f"{error.name} is not installed here: `make install-training`"
            raise ConfigError("training", text) from None
        return
    training.add(commands)
    results.add(commands)
