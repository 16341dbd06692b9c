"""`lantern model`: what serves, and bundles as files: verify, sign, keys."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.model_serving import fetched, tell_shadows
from cli.context import Context, context
from cli.language import say
from cli.output import AsJson, emit, fail, out, table
from scoring.config import Settings as ScoringSettings
from shared.bundle.keys import (
    TrustedKeys,
    add_trusted,
    new_private,
    read_private,
    read_trusted,
    sign,
    trusted_key,
)
from shared.bundle.manifest import MANIFEST, SIGNATURE
from shared.bundle.reading import BundleRefusedError, read_bundle
from shared.features.catalogue import CATALOGUE, catalogue_hash
from shared.settings import load

app = typer.Typer(no_args_is_help=True, help="Models and their bundles. 模型与模型包。")
Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A bundle's folder.")]
Trusted = Annotated[
    Path | None, typer.Option("--trusted", help="The file of trusted keys; the home's by default.")
]


@app.command("list")
def list_models(*, as_json: AsJson = False) -> None:
    """List the model in service and what was refused. 列出在用模型与被拒绝的模型包。

    Example: lantern model list
    """
    document = fetched("/v1/models")
    if as_json:
        emit(document)
        return
    rows = [
        (one["model"], one["title"], one["catalogue"][:12], one["signed_by"])
        for one in document["serving"]
    ]
    columns = (
        say("model", "模型"),
        say("title", "名称"),
        say("catalogue", "目录"),
        say("key", "密钥"),
    )
    table(say("In service", "在用"), columns, rows)
    tell_shadows(document)
    if document["refused"]:
        refused = document["refused"]
        out.print(f"{say('refused', '被拒绝')}: {refused['reason']}: {refused['detail']}")


@app.command()
def show(*, as_json: AsJson = False) -> None:
    """Show the card and figures of the model in service. 显示在用模型的说明与指标。

    Example: lantern model show
    """
    document = fetched("/v1/models")
    if not document["serving"]:
        fail(say("no model is in service", "没有在用模型"))
    model = document["serving"][0]
    if as_json:
        emit(model)
    else:
        out.print(model["card"], markup=False, highlight=False)


@app.command()
def verify(bundle: Folder, *, trusted: Trusted = None, as_json: AsJson = False) -> None:
    """Verify a bundle as the service would. 按服务的规则校验模型包。

    Example: lantern model verify bundles/starter
    """
    keys = _trusted_keys(trusted or _trusted_file(context()))
    features = [one.id for one in CATALOGUE]
    try:
        found = read_bundle(bundle, keys, catalogue=catalogue_hash(), features=features)
    except BundleRefusedError as error:
        if as_json:
            emit({"accepted": False, "reason": error.reason, "detail": error.detail})
            raise typer.Exit(1) from None
        fail(f"{say('refused', '拒绝')}: {error}")
    answer = {"accepted": True, "model": found.manifest.model, "signed_by": found.key}
    if as_json:
        emit(answer)
    else:
        out.print(f"{say('accepted', '通过')}: {found.manifest.model} ({found.key})")


@app.command("sign")
def sign_bundle(
    bundle: Folder,
    *,
    key: Annotated[Path, typer.Option(help="The private key.")],
    as_json: AsJson = False,
) -> None:
    """Sign a bundle's manifest with a key of yours. 用自己的密钥签名模型包。

    Example: lantern model sign bundles/ours --key ~/lantern-key
    """
    private = read_private(key)
    manifest = bundle / MANIFEST
    if not manifest.exists():
        fail(say(f"{manifest} does not exist", f"{manifest} 不存在"))
    (bundle / SIGNATURE).write_bytes(sign(manifest.read_bytes(), private))
    signer = trusted_key(private, "").id
    if as_json:
        emit({"bundle": str(bundle), "signed_by": signer})
    else:
        out.print(say(f"signed by {signer}", f"已由 {signer} 签名"))


@app.command()
def keys(
    *,
    new: Annotated[
        Path | None, typer.Option(help="Make a private key in this file and trust it.")
    ] = None,
    trusted: Trusted = None,
    comment: Annotated[str, typer.Option(help="What the key is for.")] = "",
    as_json: AsJson = False,
) -> None:
    """List trusted keys, or make one with --new. 列出受信任的密钥,或用 --new 新建。

    Without a file of its own, a home trusts the keys that ship; --new makes the file, with those
    and yours, and `lantern up` hands it to scoring.

    Example: lantern model keys --new ~/lantern-key --comment "our models"
    """
    path = trusted or _trusted_file(context())
    if new is not None:
        path = trusted or _own_file(context())
        key = trusted_key(new_private(new), comment)
        if not path.exists():
            for shipped in read_trusted(load(ScoringSettings).trusted_keys_file).keys:
                add_trusted(path, shipped)
        add_trusted(path, key)
    known = _trusted_keys(path).keys
    if as_json:
        emit({"file": str(path), "keys": [{"id": k.id, "comment": k.comment} for k in known]})
    else:
        columns = ("id", say("comment", "备注"))
        table(str(path), columns, [(k.id, k.comment) for k in known])


def _own_file(here: Context) -> Path:
    """Return the file that may be written: the one that is named, else the home's."""
    settings = load(ScoringSettings)
    is_named = "trusted_keys_file" in settings.model_fields_set
    return settings.trusted_keys_file if is_named else here.trusted_keys_file


def _trusted_file(here: Context) -> Path:
    """Return the file that scoring reads: the own one, else the one that ships."""
    own = _own_file(here)
    return own if own.exists() else load(ScoringSettings).trusted_keys_file


def _trusted_keys(path: Path) -> TrustedKeys:
    if not path.exists():
        make = f"`lantern model keys --new FILE --trusted {path}`"
        fail(
            say(
                f"no key is trusted: {path} does not exist; {make} makes a key and this file",
                f"没有受信任的密钥：{path} 不存在；{make} 可新建密钥及此文件",
            ),
            2,
        )
    return read_trusted(path)
