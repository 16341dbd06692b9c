"""Help teaches: each command has an example that it would take."""

import re
import shlex
from typing import Any

import pytest
from tests.helpers.commands import leaves
from typer.testing import CliRunner

from cli.main import app

COMMANDS = dict(leaves())


def example_of(command: Any) -> str:
    """Return the example as it is typed, without what the shell adds around it."""
    paragraphs = re.split(r"\n\s*\n", command.help)
    (found,) = [text for text in paragraphs if text.strip().startswith("Example:")]
    return re.sub(r"[;>].*", "", " ".join(found.split()).partition("lantern ")[2])


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_would_be_taken(name: str) -> None:
    """It names this command, options that exist, and everything that is required."""
    command, words = COMMANDS[name], shlex.split(example_of(COMMANDS[name]))
    path = name.split()
    assert words[: len(path)] == path
    context = command.make_context(name, [], resilient_parsing=True)
    context.resilient_parsing = False  # now unknown options are errors
    given, rest, _ = command.make_parser(context).parse_args(words[len(path) :])
    assert rest == []
    assert [p.name for p in command.params if p.required and given.get(p.name) is None] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_each_option_is(name: str) -> None:
    """No option without a word, in Chinese and English as the command's first line is."""
    result = CliRunner().invoke(app, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert "Example:" in result.stdout
    command = COMMANDS[name]
    assert all(getattr(p, "help", None) for p in command.params)
    assert re.search(r"[\u4e00-\u9fff]", command.help)
