"""`lantern model`: which bundle serves: promote, roll back, resume, shadow, changes."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cli.context import context, segment
from cli.errors import document_of
from cli.language import say
from cli.output import AsJson, emit, fail, out, table
from shared.web.client import HttpClient

_SHORT = 12
_DRIFTED = ("shifted", "missing")
By = Annotated[str, typer.Option("--by", help="Who signs the change off; stands in the log.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; stands in the log.")]
Bundle = Annotated[str, typer.Argument(help="A bundle's name: its folder's.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to `lantern model`."""
    app.command()(promote)
    app.command()(rollback)
    app.command()(resume)
    app.command()(shadow)
    app.command()(changes)
    app.command()(drift)


def promote(
    bundle: Bundle,
    *,
    reason: Reason,
    force: Annotated[
        bool, typer.Option("--force", help="Against the advice of the comparison.")
    ] = False,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Make a shadow the champion; everybody is assessed again. 将影子模型转正并重新评估所有人。

    Example: lantern model promote autumn-2 --reason "calibrated better on last term"
    """
    body = {"reason": reason, "force": force}
    _told(_post(f"/v1/models/{segment(bundle)}/promote", body, by), as_json=as_json)


def rollback(*, reason: Reason, by: By = "operator", as_json: AsJson = False) -> None:
    """Return to the champion before this one. 回退到上一个在用模型。

    Example: lantern model rollback --reason "twice as many alerts as expected"
    """
    _told(_post("/v1/models/rollback", {"reason": reason}, by), as_json=as_json)


def resume(*, reason: Reason, by: By = "operator", as_json: AsJson = False) -> None:
    """End a suspension: the model scores again. 结束暂停,恢复模型评分。

    Example: lantern model resume --reason "labels of one college were wrong and are mended"
    """
    _told(_post("/v1/models/resume", {"reason": reason}, by), as_json=as_json)


def shadow(bundle: Bundle, *, as_json: AsJson = False) -> None:
    """Compare a shadow's levels with the champion's. 比较影子模型与在用模型的级别。

    Example: lantern model shadow autumn-2
    """
    seen = fetched(f"/v1/models/{segment(bundle)}/comparison")
    if as_json:
        emit(seen)
        return
    agreement = seen["agreement"]
    share = "–" if agreement is None else f"{agreement:.1%}"
    title = say(
        f"{seen['both']} students by both, {share} at the same level; "
        f"yellow and above: {seen['loud_before']} now, {seen['loud_after']} after",
        f"两者都评估的学生 {seen['both']} 人,级别相同 {share};"
        f"黄色及以上:现 {seen['loud_before']} 人,转正后 {seen['loud_after']} 人",
    )
    columns = (say("champion", "在用"), say("shadow", "影子"), say("students", "人数"))
    table(title, columns, [(c["champion"], c["shadow"], c["students"]) for c in seen["cells"]])


def changes(*, as_json: AsJson = False) -> None:
    """Show who changed what serves, when and why. 显示模型变更记录。

    Example: lantern model changes
    """
    log = fetched("/v1/models/changes")
    if as_json:
        emit(log)
        return
    columns = (
        "#",
        say("at", "时间"),
        say("who", "操作人"),
        say("what", "操作"),
        say("from", "原模型"),
        say("to", "新模型"),
        say("why", "原因"),
        say("hash", "哈希"),
    )
    rows = [
        (
            c["number"],
            c["at"],
            c["actor"],
            c["action"] + (" (force)" if c["is_forced"] else ""),
            c["bundle_from"],
            c["bundle_to"],
            c["reason"],
            c["hash"][:_SHORT],
        )
        for c in log["changes"]
    ]
    table(say("Changes of what serves", "模型变更"), columns, rows)
    if log["broken_at"] is not None:
        fail(
            say(
                f"entry {log['broken_at']} was altered after it was written",
                f"第 {log['broken_at']} 条记录在写入后被改动",
            )
        )


def drift(
    *,
    by: Annotated[str | None, typer.Option(help="all, college or intake.")] = None,
    every: Annotated[bool, typer.Option("--every", help="Also what is stable.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what has drifted from what the model learned. 显示输入数据相对训练数据的漂移。

    PSI of 0.25 and more beyond chance, or 10 points more missing. Groups below 30 are not judged.

    Example: lantern model drift --by college
    """
    report = fetched("/v1/drift" + (f"?by={segment(by)}" if by else ""))
    if as_json:
        emit(report)
        return
    if report["reference_vectors"] is None:
        fail(say("the bundle has no reference to compare with", "该模型包没有可比较的参考分布"))
    rows = [
        (
            group["by"],
            group["group"],
            group["students"],
            one["indicator"],
            one["verdict"],
            _figure(one["psi"]),
            _figure(one["ks"]),
            _figure(one["missing_share"]),
            _figure(one["reference_missing_share"]),
        )
        for group in report["groups"]
        for one in group["indicators"]
        if every or one["verdict"] in _DRIFTED
    ]
    columns = (
        say("by", "分组"),
        say("group", "组"),
        say("students", "人数"),
        say("indicator", "指标"),
        say("verdict", "结论"),
        "PSI",
        "KS",
        say("missing", "缺失率"),
        say("missing before", "参考缺失率"),
    )
    at, model = report["at"], report["model"]
    if rows:
        table(say(f"Drift at {at}, {model}", f"漂移 {at},{model}"), columns, rows)
    else:
        out.print(say(f"nothing has drifted ({at}, {model})", f"没有漂移({at},{model})"))


def _figure(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"


def tell_shadows(document: Mapping[str, Any]) -> None:
    """Print what `GET /v1/models` says of shadows and of a suspension."""
    if document["suspended"]:
        out.print(say("the model is SUSPENDED, rules go on", "模型已暂停,规则继续运行"), end=": ")
        out.print(document["suspended"], markup=False, highlight=False)
    if document["shadows"]:
        columns = (
            say("bundle", "模型包"),
            say("model", "模型"),
            say("status", "状态"),
            say("students", "已评估"),
            say("detail", "说明"),
        )
        rows = [
            (s["bundle"], s["model"], s["status"], s["students"], s["detail"])
            for s in document["shadows"]
        ]
        table(say("Shadows", "影子模型"), columns, rows)


def _told(change: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit(change)
        return
    old, new = change["bundle_from"], change["bundle_to"]
    out.print(
        say(
            f"{change['action']}: {old} → {new}, revision {change['number']}; everybody is "
            "assessed again; `lantern doctor` says whether the policy's bands are its cuts",
            f"{change['action']}:{old} → {new},修订号 {change['number']};正在重新评估所有人;"
            "策略阈值是否与其一致,见 `lantern doctor`",
        ),
        markup=False,
        highlight=False,
    )


def _post(path: str, body: dict[str, object], by: str) -> dict[str, Any]:
    here = context()
    return asyncio.run(_asked(here.client_of(here.token(by, ("it",)), "scoring"), path, body))


def fetched(path: str) -> dict[str, Any]:
    """Return what scoring answers, or end with its reason."""
    return asyncio.run(_asked(context().client("scoring"), path, None))


async def _asked(client: HttpClient, path: str, body: dict[str, object] | None) -> dict[str, Any]:
    async with client:
        answer = await (client.get(path) if body is None else client.post(path, json=body))
    return document_of("scoring", answer)
