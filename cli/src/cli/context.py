"""Where the installation lives: home folder, addresses of the services, tokens, environment."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from cli.credentials import Credentials
from shared.auth.actor import Role
from shared.auth.dev_issuer import DevIssuer
from shared.kernel.errors import ConfigError
from shared.settings import CommonSettings, load
from shared.web.client import AddressError, HttpClient

PORTS = {"ingest": 8101, "directory": 8102, "features": 8103, "scoring": 8104, "alerts": 8105}
SERVICES = tuple(PORTS)
KAFKA_PORT = 9092
_TRUSTED_KEYS = "LANTERN_SCORING_TRUSTED_KEYS_FILE"


class CliSettings(CommonSettings):
    """What the command reads from the environment beside the common settings."""

    model_config = SettingsConfigDict(env_prefix="LANTERN_", extra="ignore", frozen=True)

    ingest_url: str | None = None
    directory_url: str | None = None
    features_url: str | None = None
    scoring_url: str | None = None
    alerts_url: str | None = None
    port_offset: int = Field(0, ge=-7000, le=56_000)

    @field_validator("ingest_url", "directory_url", "features_url", "scoring_url", "alerts_url")
    @classmethod
    def _can_be_called(cls, url: str | None) -> str | None:
        if url is not None and not is_address(url):
            raise ValueError(f"{url!r} is no address; write it like http://127.0.0.1:8101")
        return url


def is_address(url: str) -> bool:
    """Return whether a text is an HTTP address: scheme, host, and a port that can exist."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    is_plain = url.isprintable() and " " not in url
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0 and is_plain


@dataclass(frozen=True)
class Context:
    """One installation, as seen by a command."""

    settings: CliSettings

    @property
    def home(self) -> Path:
        return self.settings.home

    @property
    def zone(self) -> ZoneInfo:
        """The campus's time zone.

        Raises:
            ConfigError: there is none of that name.
        """
        try:
            return ZoneInfo(self.settings.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ConfigError("LANTERN_TIMEZONE", f"{self.settings.timezone!r}: {error}") from None

    @cached_property
    def credentials(self) -> Credentials:
        """The keys and tokens of this installation, made on first use."""
        return Credentials.load_or_create(self.home)

    @property
    def trusted_keys_file(self) -> Path:
        """Whose model bundles this home trusts, once `lantern model keys --new` has made it."""
        return self.home / "keys" / "trusted_bundles.json"

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

    def is_elsewhere(self, service: str) -> bool:
        """Return whether the address of a service is named, so that this home does not run it."""
        return getattr(self.settings, f"{service}_url") is not None

    def client(self, service: str, *, timeout_s: float = 30.0) -> HttpClient:
        """Return a client of one service, with a token of this installation's operator."""
        token = self.token("operator", ("it", "service"))
        return self.client_of(token, service, timeout_s=timeout_s)

    def client_of(self, token: str | None, service: str, *, timeout_s: float = 30.0) -> HttpClient:
        """Return a client of one service for whoever holds the token.

        Raises:
            ConfigError: names the setting that makes an address which cannot be called.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return HttpClient(self.url(service), timeout_s=timeout_s, headers=headers)
        except AddressError as error:
            given = getattr(self.settings, f"{service}_url")
            setting = f"LANTERN_{service.upper()}_URL" if given else "LANTERN_HOST"
            raise ConfigError(setting, f"{self.url(service)!r}: {error}") from None

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
        if self.trusted_keys_file.exists() and _TRUSTED_KEYS not in os.environ:
            own[_TRUSTED_KEYS] = str(self.trusted_keys_file)
        ports = {f"LANTERN_{s.upper()}_PORT": str(self.port(s)) for s in SERVICES}
        return {**self.credentials.environment(), **own, **ports}


def context() -> Context:
    """Read the environment and return the context."""
    return Context(load(CliSettings))


def client(service: str) -> HttpClient:
    """Return a client of one service of the installation in the environment."""
    return context().client(service)


def segment(text: str) -> str:
    """Return what somebody typed as one segment of a path."""
    return quote(text, safe="")
