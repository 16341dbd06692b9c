"""Training is started in its own environment, or told how to get it."""

import sys
from pathlib import Path

import pytest
import typer

from cli import training_process
from cli.errors import CommandError, as_document, exit_code
from cli.training_process import VARIABLE, interpreter, started
from shared.kernel.errors import ConfigError


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(training_process, "ROOT", tmp_path)


def test_training_says_how_to_install_it() -> None:
    """Without `.venv-training` the message names the target that makes it."""
    with pytest.raises(ConfigError, match="make install-training"):
        interpreter(needs_torch=True)


def test_scoring_needs_no_torch() -> None:
    """What needs no torch runs with the interpreter that is there."""
    assert interpreter(needs_torch=False) == Path(sys.executable)


def test_named_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable names another interpreter, and one that is not there is no secret."""
    monkeypatch.setenv(VARIABLE, sys.executable)
    assert interpreter(needs_torch=True) == Path(sys.executable)
    monkeypatch.setenv(VARIABLE, "/nowhere/python")
    with pytest.raises(ConfigError, match="/nowhere/python"):
        interpreter(needs_torch=False)


def program(root: Path, text: str) -> None:
    (root / "training" / "src").mkdir(parents=True)
    (root / "training" / "src" / "training.py").write_text(text)


def test_output_and_arguments(tmp_path: Path) -> None:
    """Arguments reach the program and its output comes back."""
    program(tmp_path, "import sys; print(sys.argv[1:])")
    assert started(["card", "a b"]) == "['card', 'a b']\n"


def test_failure_keeps_its_code(tmp_path: Path) -> None:
    """The program's exit code is the command's."""
    program(tmp_path, "import sys; sys.exit(2)")
    with pytest.raises(typer.Exit) as caught:
        started(["card"])
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("words", [["card"], ["card", "--json"]])
def test_a_signal_is_told_by_its_name(tmp_path: Path, words: list[str]) -> None:
    """Killed for want of memory is no wrong use; the code is that of a shell."""
    program(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(CommandError, match="SIGKILL") as caught:
        started(words)
    assert exit_code(caught.value) == 137
    assert as_document(caught.value)["error"]["code"] == "failed"
