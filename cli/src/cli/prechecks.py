"""What keeps a service from starting, found out before anything is started: settings, ports."""

import errno
import importlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import cast

from cli.context import SERVICES, Context
from cli.readiness import remedy_for_taken, taken_port
from shared.kernel.errors import ConfigError
from shared.settings import ServiceSettings, load


class PortTakenError(ConfigError):
    """Another home or program listens where a service should."""

    def __init__(self, where: str, port: int) -> None:
        super().__init__(where, f"{taken_port(port)}; {remedy_for_taken()}")


def refuse_what_cannot_start(here: Context, more: Mapping[str, str]) -> None:
    """Look at every service's settings and port before the broker is started for them.

    Raises:
        ConfigError: names the setting, or the port that is taken.
    """
    for service in SERVICES:
        refuse_taken_port(service, settings_of(here, service, more))


def settings_of(here: Context, service: str, more: Mapping[str, str]) -> ServiceSettings:
    """Return the settings that a service of this home would start with.

    Raises:
        ConfigError: names each variable at fault.
    """
    with _environment({**here.environment(), **more}):
        kind = importlib.import_module(f"{service}.config").Settings
        return cast("ServiceSettings", load(kind))


def refuse_taken_port(service: str, settings: ServiceSettings) -> None:
    """Take the port as the service would, and give it back.

    Raises:
        PortTakenError: the port is taken.
        ConfigError: the address is not ours.
    """
    from shared import lifecycle  # noqa: PLC0415 - brings the web server: half a second

    try:
        lifecycle.listen(service, settings.host, settings.port).close()
    except ConfigError as error:
        if isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE:
            raise PortTakenError(error.where, settings.port) from error
        raise


@contextmanager
def _environment(more: Mapping[str, str]) -> Iterator[None]:
    """Set variables for as long as the block takes."""
    before = dict(os.environ)
    os.environ.update(more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
