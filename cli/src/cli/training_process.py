"""Training runs as its own process, in the environment that has torch; scoring a table needs none.

`LANTERN_TRAINING_PYTHON` names another interpreter than that of `.venv-training`.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from cli.errors import CommandError
from cli.language import say
from shared.kernel.errors import ConfigError

ROOT = Path(__file__).parents[3]
_SIGNALLED = 128
VARIABLE = "LANTERN_TRAINING_PYTHON"


def interpreter(*, needs_torch: bool) -> Path:
    """Return the interpreter to start.

    Raises:
        ConfigError: torch is needed and there is no environment with it.
    """
    named = os.environ.get(VARIABLE)
    own = Path(named) if named else ROOT / ".venv-training" / "bin" / "python"
    if own.exists():
        return own
    if named or needs_torch:
        raise ConfigError(
            "training",
            say(
                f"{own} does not exist: `make install-training` makes it (6 GB, with torch)",
                f"{own} 不存在:请先运行 `make install-training`(约 6 GB,含 torch)",
            ),
        )
    return Path(sys.executable)


def started(
    words: Sequence[str],
    *,
    needs_torch: bool = False,
    module: str = "training",
    python: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> str:
    """Run `python -m training …` and return its standard output; its progress is seen as it comes.

    `python` is another interpreter than that of the training, `variables` are added to its
    environment: what must not stand on a command line.

    Raises:
        typer.Exit: it failed, with its code; what was wrong stands on standard error.
        CommandError: so it did, and left no document where one was asked for; or a signal ended
            it, code 128 and the signal's number, as of a shell.
    """
    path = [str(ROOT / "training" / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(  # noqa: S603 - our own module in our own environment
        [str(python or interpreter(needs_torch=needs_torch)), "-m", module, *words],
        env={**os.environ, **(variables or {}), "PYTHONPATH": os.pathsep.join(path)},
        stdout=subprocess.PIPE,
        check=False,
        text=True,
    )
    if done.returncode < 0:
        raise CommandError(_ended_by(module, -done.returncode), _SIGNALLED - done.returncode)
    if done.returncode and not done.stdout and "--json" in words:
        raise CommandError(f"{module} ended with {done.returncode}", done.returncode)
    if done.returncode:
        sys.stdout.write(done.stdout)
        raise typer.Exit(done.returncode)
    return done.stdout


def _ended_by(module: str, number: int) -> str:
    name = signal.Signals(number).name
    said = say(f"{module} was ended by {name}", f"{module} 被信号 {name} 终止")
    if number != signal.SIGKILL:
        return said
    return said + say("; was memory short?", "；内存是否不足？")
