"""`lantern alerts …` and `lantern policy …`."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.alert_view import print_alert, print_alerts
from cli.context import context, segment
from cli.errors import document_of
from cli.language import say
from cli.output import AsJson, emit, out, table
from shared.auth.actor import Role

app = typer.Typer(no_args_is_help=True, help="Alerts of students. 预警。")
policy_app = typer.Typer(no_args_is_help=True, help="The response policy. 响应策略。")
_COUNSEL: tuple[Role, ...] = ("school_officer",)
_OPERATE: tuple[Role, ...] = ("it", "service")
AlertId = Annotated[str, typer.Argument(help="The alert's id. 预警编号。")]
Token = Annotated[
    str | None,
    typer.Option(envvar="LANTERN_TOKEN", help="Your own bearer token. 本人的访问令牌。"),
]


@app.command("list")
def list_alerts(
    *,
    status: Annotated[
        str, typer.Option(help="active, open, acknowledged, resolved, all, to_review (待复核)")
    ] = "active",
    level: Annotated[str | None, typer.Option(help="blue, yellow, orange, red")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="At most. 最多条数。")] = 50,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first. 列出预警。

    Example: lantern alerts list --level orange --limit 20
    """
    params = {"status": status, "limit": limit} | ({"level": level} if level else {})
    page = _call("GET", "/v1/alerts", _COUNSEL, token, params=params)
    if as_json:
        emit(page)
        return
    print_alerts(page["alerts"], context().zone)


@app.command()
def show(alert: AlertId, *, token: Token = None, as_json: AsJson = False) -> None:
    """Show an alert with its history. 查看一条预警。

    Example: lantern alerts show ALERT
    """
    _shown(_call("GET", f"/v1/alerts/{segment(alert)}", _COUNSEL, token), as_json=as_json)


@app.command()
def ack(alert: AlertId, *, token: Token = None, as_json: AsJson = False) -> None:
    """Acknowledge an alert. 确认接手。

    Example: lantern alerts ack ALERT
    """
    _shown(
        _call("POST", f"/v1/alerts/{segment(alert)}/acknowledge", _COUNSEL, token), as_json=as_json
    )


@app.command()
def resolve(
    alert: AlertId,
    verdict: Annotated[
        str,
        typer.Option(help="confirmed_need, no_need, already_in_care, data_error, unreachable"),
    ],
    *,
    note: Annotated[str | None, typer.Option(help="talk_held, referred, plan_agreed, …")] = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """End an alert with a verdict. 以结论结束预警。

    Example: lantern alerts resolve ALERT --verdict no_need --note talk_held
    """
    body = {"verdict": verdict, "note": note}
    found = _call("POST", f"/v1/alerts/{segment(alert)}/resolve", _COUNSEL, token, json=body)
    _shown(found, as_json=as_json)


@app.command()
def review(
    alert: AlertId,
    *,
    verdict: Annotated[
        str | None,
        typer.Option(help="confirmed_need, no_need, already_in_care, data_error, unreachable"),
    ] = None,
    decline: Annotated[
        bool, typer.Option("--decline", help="Give none, for good; see the others'. 放弃复核。")
    ] = False,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Judge an alert that somebody else resolved, blind to that verdict. 独立复核已结束的预警。

    Once a person, under a token of one's own; the alert stays as it was and nobody is told.

    Example: lantern alerts review ALERT --verdict no_need
    """
    if (verdict is None) != decline:
        raise typer.BadParameter(say("--verdict or --decline", "请给出 --verdict 或 --decline"))
    body = {"verdict": verdict}
    found = _call("POST", f"/v1/alerts/{segment(alert)}/review", _COUNSEL, token, json=body)
    _shown(found, as_json=as_json)


@app.command("outbox")
def list_outbox(
    *,
    state: Annotated[str, typer.Option(help="pending, sending, sent, dead. 状态。")] = "dead",
    limit: Annotated[int, typer.Option(min=1, max=200, help="At most. 最多条数。")] = 50,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """List messages by state, newest first; dead ones were given up. 列出待发与未能送达的消息。

    Example: lantern alerts outbox --state dead
    """
    params = {"state": state, "limit": limit}
    page = _call("GET", "/v1/outbox", _COUNSEL, token, params=params)
    if as_json:
        emit(page)
        return
    columns = (say("number", "序号"), say("lane", "类别"), say("tier", "层级"),
               say("channel", "渠道"), say("person", "人员"), say("code", "原因"),
               say("alert", "预警"))  # fmt: skip
    rows = [
        (each["number"], each["lane"], each["tier"], each["channel"], each["person"],
         each["code"], each["alert"])
        for each in page["items"]
    ]  # fmt: skip
    table(say("Outbox", "发件箱"), columns, rows)


@app.command()
def retry(
    number: Annotated[int, typer.Argument(min=1, help="Of `alerts outbox`. 发件箱序号。")],
    *,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Try a message again that was given up; the alert's history says who asked. 重发消息。

    Example: lantern alerts retry 812
    """
    found = _call("POST", f"/v1/outbox/{number}/retry", _COUNSEL, token)
    if as_json:
        emit(found)
        return
    out.print(f"{found['number']} · {found['state']}")


@policy_app.command("show")
def show_policy(*, token: Token = None, as_json: AsJson = False) -> None:
    """Show the policy in force. 查看现行策略。

    Example: lantern policy show
    """
    policy = _call("GET", "/v1/policy", _OPERATE, token)
    if as_json:
        emit(policy)
        return
    approver = policy["approved_by"] or say("not approved: a proposal", "未批准：仅为建议稿")
    out.print(f"{policy['version']} · {approver}")
    bands = {band["level"]: band["rise_at"] for band in policy["bands"]}
    rows = [
        (each["level"], bands.get(each["level"]), ", ".join(each["tiers"]), each["delivery"],
         f"{each['acknowledge_within_s'] / 3600:g} h")
        for each in policy["levels"]
    ]  # fmt: skip
    columns = (say("level", "等级"), say("rises at", "阈值"), say("tells", "告知"),
               say("delivery", "送达"), say("acknowledge within", "确认时限"))  # fmt: skip
    table(say("Policy", "策略"), columns, rows)


@policy_app.command()
def validate(
    file: Annotated[Path, typer.Argument(help="The policy's YAML. 策略文件。")],
    *,
    as_json: AsJson = False,
) -> None:
    """Check a policy file; each fault with its line. 校验策略文件。

    Example: lantern policy validate policies/default.yaml
    """
    from alerts.main import policy_faults  # noqa: PLC0415 - the service: for this command alone

    version, faults = policy_faults(file)
    if as_json:
        emit({"valid": not faults, "version": version, "faults": faults})
    else:
        for fault in faults:
            out.print(fault, markup=False, highlight=False, soft_wrap=True)
        if not faults:
            out.print(say(f"valid: {version}", f"有效：{version}"))
    if faults:
        raise typer.Exit(1)


@policy_app.command("dry-run")
def dry_run(
    student: Annotated[str, typer.Option(help="The student's pseudonym. 学生假名。")],
    level: Annotated[str, typer.Option(help="blue, yellow, orange, red")],
    *,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Say who would be told of an alert, and by when; nothing is sent. 试运行。

    Example: lantern policy dry-run --student p1:0123… --level orange
    """
    params = {"student": student, "level": level}
    plan = _call("GET", "/v1/policy/dry-run", _OPERATE, token, params=params)
    if as_json:
        emit(plan)
        return
    rows = [
        (step["tier"], step["reason"], f"{step['acknowledge_within_s'] / 3600:g} h",
         ", ".join(f"{r['person']} ({r['channel']})" for r in step["recipients"]) or None)
        for step in plan["steps"]
    ]  # fmt: skip
    columns = (say("tier", "层级"), say("reason", "原因"), say("acknowledge within", "确认时限"),
               say("recipients", "接收人"))  # fmt: skip
    table(say("Dry run", "试运行"), columns, rows)


def _shown(alert: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit(alert)
        return
    print_alert(alert, context().zone)


def _call(
    method: str, path: str, roles: tuple[Role, ...], token: str | None, **more: Any
) -> dict[str, Any]:
    """Call alerts with the caller's token, else one of the local development issuer."""
    here = context()
    bearer = token or here.token("local-operator", roles)

    async def call() -> dict[str, Any]:
        async with here.client_of(bearer, "alerts") as client:
            answer = await client.request(method, path, **more)
        return document_of("alerts", answer)

    return asyncio.run(call())
