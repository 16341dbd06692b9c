"""What is printed is whole: in a pipe, in a narrow terminal, and while nobody watches."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from cli import output

AN_ID = "import_7227457ca98ab0f354fedc1bca19a3d8"
A_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
TITLE = "/a/home/folder/whose/path/is/long/keys/trusted_bundles.json"
COLUMNS = ("id", "hash", "what happened")
ROW = (AN_ID, A_HASH, "a row with prose that may be wrapped wherever it has a space")


def printed(width: int | None, columns: tuple[str, ...], *rows: tuple[object, ...]) -> str:
    """Return a table as a terminal of some width shows it; None is a pipe."""
    file = io.StringIO()
    console = output._Screen(
        file=file, force_terminal=width is not None, color_system=None, _environ={}
    )
    if width is not None:
        console.size = (width, 25)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(output, "out", console)
        patch.delenv("COLUMNS", raising=False)  # it would make a pipe as narrow as a terminal
        output.table(TITLE, columns, rows)
    return file.getvalue()


@pytest.mark.parametrize("width", [None, 40, 80, 120, 200])
def test_ids_stay_whole(width: int | None) -> None:
    """Whoever copies an id gets all of it, whatever the width."""
    text = printed(width, COLUMNS, ROW)
    assert AN_ID in text
    assert A_HASH in text
    assert TITLE in text
    assert "…" not in text


def test_a_pipe_gets_a_line_a_row() -> None:
    """What `grep` finds is the whole row."""
    text = printed(None, COLUMNS, ROW)
    assert [
        line for line in text.splitlines() if AN_ID in line and A_HASH in line and ROW[2] in line
    ]


def test_a_terminal_that_is_wide_enough_shows_a_grid() -> None:
    """Prose is wrapped before ids are given up."""
    text = printed(140, COLUMNS, ROW)
    assert any(AN_ID in line and A_HASH in line for line in text.splitlines())
    assert max(map(len, text.splitlines())) <= 140


@given(
    st.integers(20, 200),
    st.lists(st.text("abcdefgh0123456789_-", min_size=1, max_size=70), min_size=1, max_size=6),
)
def test_no_word_is_ever_broken(width: int, words: list[str]) -> None:
    """Every word of every cell stands in the output as it is."""
    text = printed(width, tuple(f"c{n}" for n in range(len(words))), tuple(words))
    assert all(word in text for word in words)


def test_nothing_is_shown_as_a_dash() -> None:
    """A missing value is told apart from an empty one."""
    assert "–" in printed(80, ("a",), (None,))


def test_progress_is_told_in_lines_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a pipe each task gives a line at once, then at most one every ten seconds, and the end."""
    file, now = io.StringIO(), [100.0]
    monkeypatch.setattr(output, "err", Console(file=file, width=200))
    monkeypatch.setattr("cli.output.time.monotonic", lambda: now[0])
    with output.progress() as bar:
        task = bar.add_task("upload", total=100)
        for step in range(100):
            now[0] += 0.5
            bar.update(task, completed=step + 1)
    lines = file.getvalue().splitlines()
    assert lines[0] == "upload 1/100"
    assert lines[-1] == "upload 100/100"
    assert len(lines) == 6  # 50 s: at once, four times after, and the end


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody watches, a bar moves and no lines scroll by."""
    file = io.StringIO()
    monkeypatch.setattr(output, "err", Console(file=file, force_terminal=True, width=80))
    with output.progress() as bar:
        task = bar.add_task("upload", total=2)
        bar.advance(task, 2)
    assert "━" in file.getvalue()
