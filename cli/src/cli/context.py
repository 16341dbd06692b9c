"""Where the installation lives: home folder, addresses of the services, tokens, environment."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic_settings import SettingsConfigDict

from cli.credentials import Credentials
from shared.auth.actor import Role
from shared.auth.dev_issuer import DevIssuer
from shared.settings import CommonSettings, load
from shared.web.client import HttpClient

PORTS = {"ingest": 8101, "directory": 8102, "features": 8103, "scoring": 8104, "alerts": 8105}
SERVICES = tuple(PORTS)
KAFKA_PORT = 9092


class CliSettings(CommonSettings):
    """What the command reads from the environment beside the common settings."""

    model_config = SettingsConfigDict(env_prefix="LANTERN_", extra="ignore", frozen=True)

    ingest_url: str | None = None
    directory_url: str | None = None
    features_url: str | None = None
    scoring_url: str | None = None
    alerts_url: str | None = None
    port_offset: int = 0


@dataclass(frozen=True)
class Context:
    """One installation, as seen by a command."""

    settings: CliSettings

    @property
    def home(self) -> Path:
        return self.settings.home

    @cached_property
    def credentials(self) -> Credentials:
        """The keys and tokens of this installation, made on first use."""
        return Credentials.load_or_create(self.home)

    @property
    def brings_own_kafka(self) -> bool:
        """Whether `LANTERN_KAFKA_BOOTSTRAP_SERVERS` names a broker that exists already."""
        return "kafka_bootstrap_servers" in self.settings.model_fields_set

    @property
    def kafka_port(self) -> int:
        """The port of the local broker; its controller listens on the next one."""
        return KAFKA_PORT + self.settings.port_offset

    @property
    def bootstrap_servers(self) -> str:
        """The broker that is named, else the local one."""
        named = self.settings.kafka_bootstrap_servers
        return named if self.brings_own_kafka else f"127.0.0.1:{self.kafka_port}"

    def port(self, service: str) -> int:
        return PORTS[service] + self.settings.port_offset

    def url(self, service: str) -> str:
        given: str | None = getattr(self.settings, f"{service}_url")
        return given or f"http://{self.settings.host}:{self.port(service)}"

    def client(self, service: str, *, timeout_s: float = 30.0) -> HttpClient:
        """Return a client of one service, with a token of this installation's operator."""
        token = self.token("operator", ("it", "service"))
        return HttpClient(
            self.url(service), timeout_s=timeout_s, headers={"Authorization": f"Bearer {token}"}
        )

    def token(self, subject: str, roles: tuple[Role, ...], *, ttl_s: int = 3600) -> str:
        """Return a short token from the local development issuer."""
        return DevIssuer(self.home).token(subject, roles, school="school", ttl_s=ttl_s)

    def environment(self) -> dict[str, str]:
        """Return what the services of this installation need in their environment."""
        own = {
            "LANTERN_HOME": str(self.home),
            "LANTERN_KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "LANTERN_ALERTS_DIRECTORY_URL": self.url("directory"),
        }
        ports = {f"LANTERN_{s.upper()}_PORT": str(self.port(s)) for s in SERVICES}
        return {**self.credentials.environment(), **own, **ports}


def context() -> Context:
    """Read the environment and return the context."""
    return Context(load(CliSettings))


def client(service: str) -> HttpClient:
    """Return a client of one service of the installation in the environment."""
    return context().client(service)
