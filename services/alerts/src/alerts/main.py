"""Builds the alerts service: settings, adapters, service, streams, lanes and the app."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry

from alerts.clients.directory import DirectoryClient
from alerts.config import Settings
from alerts.domain.policy import Policy
from alerts.domain.ports import Channel, Sender
from alerts.domain.retries import Retries
from alerts.jobs.bell import Bell
from alerts.jobs.lane import LaneRunner, PublicationRunner, Tools
from alerts.jobs.routing import Routing
from alerts.jobs.upkeep import Upkeep
from alerts.metrics import AlertMetrics
from alerts.notifiers.console import Broadcast, ConsoleSender
from alerts.notifiers.email import EmailSender, Smtp
from alerts.notifiers.log import LogPublisher
from alerts.notifiers.switchboard import Switchboard
from alerts.notifiers.webhook import WebhookSender
from alerts.readers.policy_file import check_policy, load_policy
from alerts.repository.alerts import SqlAlerts
from alerts.repository.decisions import SqlStores
from alerts.repository.facts import SqlFeeds, save_feeds, save_memberships, save_model_word
from alerts.repository.outbox import SqlOutbox
from alerts.repository.outbox_view import SqlOutboxView
from alerts.routes import Parts, build_router
from alerts.service import AlertService
from alerts.tables import metadata
from alerts.worker import AssessmentHandler, FactsHandler, UrgentHandler, WhenPending
from shared.auth.http import build_authenticator
from shared.contracts.topics import (
    CAMPUS_EVENTS,
    DIRECTORY_STUDENTS,
    FEEDS_STATUS,
    RISK_ASSESSMENTS,
    Topic,
)
from shared.crypto.keys import required_key
from shared.crypto.sealing import Sealer
from shared.db.bookmarks import Bookmarks
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.kernel.clock import SystemClock
from shared.lifecycle import Runner, Service, service_main
from shared.stream.dead_letters import DeadLetters
from shared.stream.kafka import KafkaSink, KafkaSource
from shared.stream.metrics import StreamMetrics
from shared.stream.policy import SavePolicy
from shared.stream.ports import Handler
from shared.stream.worker import Worker
from shared.web.app import create_app
from shared.web.client import HttpClient
from shared.web.health import Health

__all__ = ["Settings", "build", "main", "policy_faults"]
MIGRATIONS = Path(__file__).parent / "migrations"
_BOOKMARK_EVERY_S = 1.0
_ABOUT = "Decides, routes and delivers alerts. 预警的判定、分级流转与送达。"


@dataclass(frozen=True)
class _Kit:
    """What several parts of this service share."""

    settings: Settings
    policy: Policy
    database: Database
    clock: SystemClock
    registry: CollectorRegistry
    metrics: AlertMetrics
    bell: Bell


def build(settings: Settings) -> Service:
    """Build the service; nothing connects before it runs.

    Raises:
        ConfigError: a setting, a key or the policy is missing or wrong.
    """
    registry = CollectorRegistry()
    kit = _Kit(
        settings=settings,
        policy=load_policy(settings.policy_path()),
        database=Database(settings.database("alerts")),
        clock=SystemClock(),
        registry=registry,
        metrics=AlertMetrics(registry),
        bell=Bell(),
    )
    health, broadcast = Health(), Broadcast()
    directory = HttpClient(
        settings.directory_url, timeout_s=settings.send_timeout_s, headers=_token(settings)
    )
    recipients = DirectoryClient(directory)
    lanes, closers = _lanes(kit, recipients, broadcast)
    streams = _streams(kit, health)
    stores = SqlStores(kit.database, kit.policy, kit.clock)
    parts = Parts(
        service=AlertService(stores, kit.policy, kit.clock, kit.bell.ring),
        alerts=SqlAlerts(kit.database),
        outbox=SqlOutboxView(kit.database),
        feeds=SqlFeeds(kit.database),
        recipients=recipients,
        watching=broadcast,
        policy=kit.policy,
        timezone=settings.timezone,
    )
    router = build_router(parts, build_authenticator(settings, kit.clock))
    app = create_app(
        "Lantern alerts", [router], health=health, registry=registry, description=_ABOUT
    )
    return Service(
        name="alerts",
        host=settings.host,
        port=settings.port,
        app=app,
        resources=[lambda: _open(kit.database, [directory.close, *closers])],
        runners={**streams, **lanes},
    )


def _token(settings: Settings) -> dict[str, str]:
    token = settings.service_token
    return {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}


Closer = Callable[[], object]


@asynccontextmanager
async def _open(database: Database, closers: list[Closer]) -> AsyncIterator[None]:
    """Bring the tables up to date; on leaving close clients, then the database."""
    await upgrade(database, MIGRATIONS, metadata)
    try:
        yield
    finally:
        for close in closers:
            await close()  # type: ignore[misc]  # each is an async close
        await database.close()


def _lanes(
    kit: _Kit, recipients: DirectoryClient, broadcast: Broadcast
) -> tuple[dict[str, Runner], list[Closer]]:
    settings = kit.settings
    owner = f"alerts-{settings.instance}"
    outbox = SqlOutbox(kit.database, owner, lease_s=settings.lease_s)
    asking = Retries(None, settings.backoff_s, settings.route_backoff_max_s)
    sending = Retries.lasting(settings.give_up_after_s, settings.backoff_s, settings.backoff_max_s)
    tools = Tools(
        outbox, kit.bell, kit.clock, kit.metrics, sending, settings.poll_s, settings.send_timeout_s
    )
    web = HttpClient(timeout_s=settings.send_timeout_s)
    sink = KafkaSink(
        settings.kafka_bootstrap_servers,
        prefix=settings.topic_prefix,
        client_id="lantern-alerts-log",
        delivery_timeout_s=20.0,
        start_timeout_s=10.0,
    )
    publish = LogPublisher(sink)
    routing = Routing(recipients, outbox, kit.clock, kit.bell)
    switchboard = Switchboard(_senders(settings, web, kit.clock))
    upkeep = Upkeep(outbox, kit.metrics, kit.clock, keep_s=settings.keep_sent_s)
    runners: dict[str, Runner] = {
        "log": PublicationRunner(publish, tools).run,
        "console": LaneRunner("console", ConsoleSender(broadcast).send, tools, batch=200).run,
        "upkeep": upkeep.run,
    }
    if settings.send == "on":
        runners["routing"] = LaneRunner(
            "route", routing, tools, batch=settings.senders, retries=asking
        ).run
        runners["sending"] = LaneRunner(
            "message", switchboard.send, tools, batch=settings.senders
        ).run
    return runners, [web.close, publish.close]


def _senders(settings: Settings, web: HttpClient, clock: SystemClock) -> dict[Channel, Sender]:
    """Return the channels that are set up."""
    senders: dict[Channel, Sender] = {}
    if settings.smtp_host:
        smtp = Smtp(
            host=settings.smtp_host,
            port=settings.smtp_port,
            tls=settings.smtp_tls,
            user=settings.smtp_user,
            password=settings.smtp_password,
            sender=settings.smtp_from,
            timeout_s=settings.send_timeout_s,
        )
        senders["email"] = EmailSender(smtp, settings.public_url)
    if settings.webhook_secret:
        senders["webhook"] = WebhookSender(web, settings.webhook_secret, settings.public_url, clock)
    return senders


def _streams(kit: _Kit, health: Health) -> dict[str, Runner]:
    """Return three groups: a backlog of one never delays another."""
    settings = kit.settings
    stores = SqlStores(kit.database, kit.policy, kit.clock)
    tools = (stores, kit.policy, kit.metrics, kit.bell.ring)
    urgent, model = UrgentHandler(*tools), AssessmentHandler(*tools, save_word=save_model_word)
    facts = FactsHandler(save_memberships, save_feeds)
    when = WhenPending("every", _BOOKMARK_EVERY_S, urgent.has_pending)
    key = required_key("LANTERN_DEAD_LETTER_KEY", settings.dead_letter_key)
    sealer = Sealer(settings.dead_letter_key_id, {settings.dead_letter_key_id: key})
    metrics = StreamMetrics(kit.registry)
    bookmarks = Bookmarks(metadata)

    def worker(name: str, topics: list[Topic], handler: Handler, policy: SavePolicy) -> Runner:
        group = f"lantern.alerts.{name}.v1"
        made = Worker(
            source=KafkaSource(
                settings.kafka_bootstrap_servers,
                topics,
                group=group,
                instance=settings.instance,
                prefix=settings.topic_prefix,
            ),
            sink=KafkaSink(
                settings.kafka_bootstrap_servers,
                prefix=settings.topic_prefix,
                client_id=f"lantern-alerts-{name}",
            ),
            handler=handler,
            group=group,
            policy=policy,
            database=kit.database,
            bookmarks=bookmarks,
            dead_letters=DeadLetters("alerts", sealer, kit.clock),
            clock=kit.clock,
            metrics=metrics,
        )
        made.add_checks(health)
        return made.run

    batch = SavePolicy.every_batch()
    return {
        "urgent": worker("urgent", [CAMPUS_EVENTS], urgent, when),
        "model": worker("model", [RISK_ASSESSMENTS], model, batch),
        "facts": worker("facts", [DIRECTORY_STUDENTS, FEEDS_STATUS], facts, batch),
    }


def policy_faults(file: Path) -> tuple[str | None, list[str]]:
    """Return a policy file's version, or None and what is wrong with it, a line a fault."""
    policy, faults = check_policy(file)
    return (policy.version if policy else None), faults


main = service_main("alerts", Settings, build)

if __name__ == "__main__":
    sys.exit(main())
