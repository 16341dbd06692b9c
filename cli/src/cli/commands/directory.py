"""`lantern directory import`, `lantern identity reveal`, `lantern audit verify`."""

import asyncio
import io
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from cli.context import Context, context, segment
from cli.errors import document_of
from cli.language import say
from cli.output import AsJson, emit, fail, out, table, waiting
from shared.auth.actor import Role
from shared.auth.dev_issuer import DevIssuer
from shared.settings import ServiceSettings, load
from shared.web.client import HttpClient

app = typer.Typer(no_args_is_help=True, help="People and organisation. 人员与组织。")
identity_app = typer.Typer(no_args_is_help=True, help="Open an identity, for a duty. 身份揭示。")
audit_app = typer.Typer(no_args_is_help=True, help="The audit chain. 审计链。")

_IMPORT_TIMEOUT_S = 600.0
_SHOWN = 20
_COUNTS = ("read", "inserted", "updated", "unchanged", "removed", "rejected", "ignored")
Token = Annotated[
    str | None,
    typer.Option(envvar="LANTERN_TOKEN", help="Your own bearer token. 本人的访问令牌。"),
]


@app.command("import")
def import_roster(
    folder: Annotated[Path, typer.Argument(exists=True, help="OneRoster folder or zip. 名册。")],
    *,
    allow_mass_removal: Annotated[
        bool, typer.Option(help="Import although many people would leave. 允许大量移除。")
    ] = False,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Import OneRoster 1.2 CSV files; a report by line; again changes nothing. 导入名册。

    Example: lantern directory import roster.zip
    """
    data = folder.read_bytes() if folder.is_file() else _zipped(folder)
    here = context()
    with waiting(say("importing the roster …", "正在导入名册 …")):
        report = asyncio.run(_send(here, token, data, allow_mass_removal=allow_mass_removal))
    if as_json:
        emit(report)
    else:
        _show_report(report)
    if report["faults_total"]:
        raise typer.Exit(1)


def _zipped(folder: Path) -> bytes:
    files = sorted(folder.glob("*.csv"))
    if not files:
        fail(say(f"no CSV files in {folder}", f"{folder} 中没有 CSV 文件"), 2)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return buffer.getvalue()


async def _send(
    here: Context, token: str | None, data: bytes, *, allow_mass_removal: bool
) -> dict[str, Any]:
    async with _client(here, token, ("service",), timeout_s=_IMPORT_TIMEOUT_S) as client:
        answer = await client.post(
            "/v1/roster/imports",
            files={"file": ("roster.zip", data, "application/zip")},
            params={"allow_mass_removal": str(allow_mass_removal).lower()},
        )
    return document_of("directory", answer)


def _show_report(report: dict[str, Any]) -> None:
    rows = [[file["file"], *(file[name] for name in _COUNTS)] for file in report["files"]]
    table(say("Roster", "名册"), (say("file", "文件"), *_COUNTS), rows)
    for fault in report["faults"][:_SHOWN]:
        place = f"{fault['file']}:{fault['line']}"
        out.print(f"  {place} {fault['column']} {fault['reason']}", markup=False, highlight=False)
    if report["faults_total"] > _SHOWN:
        out.print(
            say(f"  … {report['faults_total']} in all", f"  …… 共 {report['faults_total']} 处")
        )
    published = report["students_published"]
    out.print(say(f"{published} students' facts published", f"已发布 {published} 名学生的信息"))


@identity_app.command()
def reveal(
    pseudonym: Annotated[str, typer.Argument(help="The student's pseudonym. 学生代号。")],
    *,
    duty: Annotated[str, typer.Option(help="talk, assessment, referral, emergency, … 职责。")],
    reason: Annotated[str, typer.Option(help="Why, for the audit. 理由。")],
    level: Annotated[str | None, typer.Option(help="Level of the alert. 预警级别。")] = None,
    break_glass: Annotated[
        bool, typer.Option(help="Emergency: open at once, reviewed afterwards. 紧急揭示。")
    ] = False,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Ask for a student's identity; above yellow a second person approves. 揭示学生身份。

    Example: lantern identity reveal p1:0123… --duty talk --reason "agreed with the team"
    """
    body = {
        "pseudonym": pseudonym,
        "duty": duty,
        "reason": reason,
        "level": level,
        "break_glass": break_glass,
    }
    answer = asyncio.run(_ask(context(), token, "POST", "/v1/identities/reveal", body=body))
    _show_reveal(answer, as_json=as_json)


@identity_app.command()
def approve(
    reveal_id: Annotated[str, typer.Argument(help="Id of the request. 申请编号。")],
    *,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Approve another person's request. 批准他人的申请。

    Example: lantern identity approve REVEAL --token TOKEN
    """
    path = f"/v1/identities/reveals/{segment(reveal_id)}/approve"
    _show_reveal(asyncio.run(_ask(context(), token, "POST", path)), as_json=as_json)


@identity_app.command("open")
def open_reveal(
    reveal_id: Annotated[str, typer.Argument(help="Id of the request. 申请编号。")],
    *,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Open what was approved, once. 查看已批准的身份。

    Example: lantern identity open REVEAL
    """
    path = f"/v1/identities/reveals/{segment(reveal_id)}"
    _show_reveal(asyncio.run(_ask(context(), token, "GET", path)), as_json=as_json)


def _show_reveal(document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit(document)
        return
    identity = document["identity"]
    if identity is None:
        waits = say("waits for a second person", "等待第二人批准")
        out.print(f"{document['id']}: {document['status']} ({waits})", highlight=False)
        return
    out.print(f"{identity['name']}  {identity['number']}  {identity['email'] or ''}", markup=False)


@audit_app.command()
def verify(*, as_json: AsJson = False) -> None:
    """Check the audit chain in the database; names the first broken entry. 校验审计链。

    Works without a running service, on the database that directory writes.

    Example: lantern audit verify --json
    """
    from directory.config import Settings  # noqa: PLC0415 - the service: for this command alone
    from directory.main import verify_audit  # noqa: PLC0415 - likewise

    here = context()
    keys = here.credentials.environment()
    settings = load(
        Settings, home=here.home, vault_key=SecretStr(keys["LANTERN_DIRECTORY_VAULT_KEY"])
    )
    _refuse_without_database(settings)
    verdict = asyncio.run(verify_audit(settings))
    if as_json:
        emit({**vars(verdict), "is_intact": verdict.is_intact})
    elif verdict.is_intact:
        entries = say(f"{verdict.entries} entries, intact", f"共 {verdict.entries} 条，完整")
        out.print(f"{entries}, {verdict.head[:16]}…", highlight=False)
    else:
        at = verdict.first_broken
        out.print(
            say(f"broken at entry {at}: {verdict.fault}", f"第 {at} 条被破坏：{verdict.fault}"),
            style="red",
        )
    if not verdict.is_intact:
        raise typer.Exit(1)


def _refuse_without_database(settings: ServiceSettings) -> None:
    """End when directory has never run here; merely to connect would make an empty file."""
    scheme, _, file = settings.database("directory").partition(":///")
    if scheme.startswith("sqlite") and not _has_tables(Path(file)):
        fail(
            say(
                f"there is no audit chain yet: {file} is missing or empty; directory makes it when"
                " `lantern up` first starts it (LANTERN_HOME and LANTERN_DIRECTORY_DATABASE_URL"
                " say where)",
                f"尚无审计链：{file} 不存在或为空；首次 `lantern up` 时由目录服务创建"
                "（位置由 LANTERN_HOME 与 LANTERN_DIRECTORY_DATABASE_URL 决定）",
            ),
            2,
        )


def _has_tables(file: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            (tables,) = connection.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.OperationalError:
        return False
    return bool(tables)


async def _ask(
    here: Context, token: str | None, method: str, path: str, *, body: object = None
) -> dict[str, Any]:
    """Ask as the person of the token; on a development installation, as a school officer."""
    async with _client(here, token, ("school_officer",)) as client:
        more = {} if body is None else {"json": body}
        return document_of("directory", await client.request(method, path, **more))


def _client(
    here: Context, token: str | None, roles: tuple[Role, ...], *, timeout_s: float = 30.0
) -> HttpClient:
    token = token or DevIssuer(here.home).token("operator", roles)  # of every school
    return here.client_of(token, "directory", timeout_s=timeout_s)
