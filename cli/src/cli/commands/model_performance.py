"""`lantern model performance`: what verdicts and the model's own probabilities say of it."""

from typing import Any

import typer

from cli.commands.model_serving import fetched
from cli.language import say
from cli.output import AsJson, emit, out, table


def add_to(app: typer.Typer) -> None:
    """Add this command to `lantern model`."""
    app.command()(performance)


def performance(*, as_json: AsJson = False) -> None:
    """Show calibration by level, reviewers' agreement, expected precision and recall. 模型表现。

    Expected figures are estimates, true as far as the probabilities are calibrated.

    Example: lantern model performance
    """
    found = fetched("/v1/performance")
    if as_json:
        emit(found)
        return
    out.print(
        say(
            f"{found['model']}, revision {found['revision']}; "
            f"{found['waiting']} alerts wait for a verdict",
            f"{found['model']},修订号 {found['revision']};{found['waiting']} 条预警尚无结论",
        ),
        markup=False,
        highlight=False,
    )
    _calibration(found["calibration"])
    _estimates(found["estimates"])
    _agreement(found["agreement"])


def _calibration(ratios: list[dict[str, Any]]) -> None:
    columns = (say("level", "等级"), say("labels", "标签数"), say("in need", "确有需要"),
               say("expected", "预期"), say("ratio", "比值"), "95 %")  # fmt: skip
    rows = [
        (one["level"], one["labels"], one["observed"], f"{one['expected']:.1f}",
         _figure(one["ratio"]), _interval(one))
        for one in ratios
    ]  # fmt: skip
    table(say("Calibration by verdicts", "按结论的校准"), columns, rows)


def _estimates(estimates: list[dict[str, Any]]) -> None:
    columns = (say("level", "等级"), say("from", "阈值"), say("students", "人数"),
               say("flagged", "达到阈值"), say("precision", "精确率"), "95 %",
               say("recall", "召回率"), "95 %")  # fmt: skip
    rows = [
        (one["level"], f"{one['threshold']:.3f}", one["students"], one["flagged"],
         *_estimated(one["precision"]), *_estimated(one["recall"]))
        for one in estimates
    ]  # fmt: skip
    table(say("Expected, without labels", "无标签时的估计"), columns, rows)


def _agreement(found: dict[str, Any]) -> None:
    pairs, kappa = found["pairs"], _figure(found["kappa"]) or "–"
    same = "–" if found["agreement"] is None else f"{found['agreement']:.1%}"
    out.print(
        say(
            f"Reviewers: {pairs} pairs, same verdict {same}, Cohen's kappa {kappa}",
            f"复核一致性:{pairs} 对,结论相同 {same},Cohen kappa {kappa}",
        ),
        highlight=False,
    )
    if not pairs:
        out.print(say(found["en"], found["zh"]), markup=False, highlight=False)


def _estimated(one: dict[str, Any] | None) -> tuple[str | None, str | None]:
    return (None, None) if one is None else (_figure(one["value"]), _interval(one))


def _interval(one: dict[str, Any]) -> str | None:
    return None if one["low"] is None else f"{one['low']:.2f}–{one['high']:.2f}"


def _figure(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"
