"""The composition root of directory: settings → adapters → use cases → jobs and app."""

import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prometheus_client import CollectorRegistry

from directory import tables
from directory.config import Settings
from directory.domain.audit import Verdict
from directory.domain.signing import HeadSigner
from directory.domain.vault import Vault
from directory.jobs import DailyJob, OutboxSender
from directory.metrics import DirectoryMetrics
from directory.repository.outbox import OutboxRepository
from directory.repository.work import DatabaseWork
from directory.routes import Desks, build_router
from directory.service.audit import verify_chain
from directory.service.facts import FactsPublisher
from directory.service.identities import IdentityDesk
from directory.service.people import PeopleDesk
from directory.service.roster import RosterImporter
from directory.service.students import StudentDesk
from shared.auth.http import build_authenticator
from shared.crypto.keys import required_key
from shared.crypto.pseudonym import Pseudonymiser
from shared.crypto.sealing import Sealer
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.kernel.clock import SystemClock
from shared.kernel.errors import ConfigError
from shared.kernel.ids import new_id
from shared.lifecycle import Service, service_main
from shared.stream.kafka import KafkaSink
from shared.web.app import create_app
from shared.web.health import Health

MIGRATIONS = Path(__file__).parent / "migrations"
_DESCRIPTION = "People, organisation, roles, leave, calendar and the identity vault."


def build(settings: Settings) -> Service:
    """Return the service; nothing connects before it runs.

    Raises:
        ConfigError: a key or the time zone is missing or malformed.
    """
    clock, registry, health = SystemClock(), CollectorRegistry(), Health()
    database = Database(settings.database("directory"))
    work = DatabaseWork(database)
    metrics = DirectoryMetrics(registry)
    vault = build_vault(settings)
    pseudonymiser = Pseudonymiser(
        settings.pseudonym_key_id,
        required_key("LANTERN_PSEUDONYM_KEY", settings.pseudonym_key),
    )
    publisher = FactsPublisher(_zone(settings.timezone))
    signer = build_signer(settings)
    sink = KafkaSink(
        settings.kafka_bootstrap_servers,
        prefix=settings.topic_prefix,
        client_id=f"directory-{settings.instance}",
    )
    sender = OutboxSender(
        OutboxRepository(database), sink, metrics=metrics, poll_s=settings.outbox_poll_s
    )
    daily = DailyJob(work, clock, publisher, signer, metrics=metrics, poll_s=settings.daily_poll_s)
    desks = Desks(
        work=work,
        clock=clock,
        people=PeopleDesk(vault, publisher),
        students=StudentDesk(publisher),
        roster=RosterImporter(vault, pseudonymiser, publisher),
        identities=IdentityDesk(vault, pseudonymiser, new_id),
        is_signature=signer.is_signature,
        metrics=metrics,
        wake=sender.wake,
        max_import_bytes=settings.max_import_bytes,
    )
    health.add("ready", "outbox", lambda: sender.complaint)
    app = create_app(
        "Lantern directory",
        [build_router(desks, build_authenticator(settings, clock))],
        health=health,
        registry=registry,
        description=_DESCRIPTION,
    )
    return Service(
        name="directory",
        host=settings.host,
        port=settings.port,
        app=app,
        resources=(lambda: _opened(database),),
        runners={"outbox": sender.run, "daily": daily.run},
        max_body_bytes=settings.max_import_bytes,
    )


def build_vault(settings: Settings) -> Vault:
    key = required_key("LANTERN_DIRECTORY_VAULT_KEY", settings.vault_key)
    previous = {
        name: required_key(f"LANTERN_DIRECTORY_VAULT_PREVIOUS_KEYS[{name}]", secret)
        for name, secret in settings.vault_previous_keys.items()
    }
    return Vault(Sealer(settings.vault_key_id, previous | {settings.vault_key_id: key}), key)


def build_signer(settings: Settings) -> HeadSigner:
    if settings.audit_signing_key is not None:
        return HeadSigner(
            required_key("LANTERN_DIRECTORY_AUDIT_SIGNING_KEY", settings.audit_signing_key)
        )
    return HeadSigner(required_key("LANTERN_DIRECTORY_VAULT_KEY", settings.vault_key))


async def verify_audit(settings: Settings) -> Verdict:
    """Check the audit chain in the database itself, without a running service."""
    database = Database(settings.database("directory"))
    try:
        async with DatabaseWork(database).read() as stores:
            return await verify_chain(stores, build_signer(settings).is_signature)
    finally:
        await database.close()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError("LANTERN_TIMEZONE", f"no time zone {name!r}") from None


@contextlib.asynccontextmanager
async def _opened(database: Database) -> AsyncIterator[None]:
    await upgrade(database, MIGRATIONS, tables.metadata)
    try:
        yield
    finally:
        await database.close()


main = service_main("directory", Settings, build)

if __name__ == "__main__":
    sys.exit(main())
