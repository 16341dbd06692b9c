"""How a network came about: settings tried, the one kept, and what was odd about its tables."""

from dataclasses import dataclass

from training.report.context import Words
from training.report.verdict import Finding

Setting = dict[str, float | int | str]


_SAID = (
    Words(
        "检验部分有 {} 行的编号也在训练部分中：数字偏高。",
        "{} rows of the judged part have an id that was learned from: the figures are too good.",
    ),
    Words(
        "检验部分有 {} 个组（人）也在训练部分中：数字偏高。",
        "{} groups of the judged part were learned from: the figures are too good.",
    ),
    Words(
        "检验部分有 {} 行的输入与训练部分的某一行完全相同：取值粗的表格会如此，复制的行也会。",
        "{} rows of the judged part have the very inputs of a row that was learned from, as coarse "
        "tables do and copied rows too.",
    ),
    Words(
        "检验部分的数值列中有 {} 个单元格是文字，按缺失处理。",
        "{} cells of the judged part are text in columns of numbers and count as missing.",
    ),
)


@dataclass(frozen=True)
class Checks:
    """Counts of what makes figures too good, and of cells that had to be taken as missing.

    `equal_rows` are judged rows with the inputs of a row that was learned from; `strange_cells` are
    texts in columns of numbers, in the judged part.
    """

    ids_on_both_sides: int = 0
    groups_on_both_sides: int = 0
    equal_rows: int = 0
    strange_cells: int = 0


@dataclass(frozen=True)
class Fitting:
    """The setting kept with its losses on rows held out, all that were tried, and the checks."""

    chosen: Setting
    trials: tuple[Setting, ...]
    checks: Checks


def warnings_of(checks: Checks) -> tuple[Finding, ...]:
    """Return what the checks found, as sentences; nothing where nothing was."""
    counts = (
        checks.ids_on_both_sides,
        checks.groups_on_both_sides,
        checks.equal_rows,
        checks.strange_cells,
    )
    return tuple(
        Finding("warning", Words(said.zh.format(f"{count:,}"), said.en.format(f"{count:,}")))
        for count, said in zip(counts, _SAID, strict=True)
        if count
    )
