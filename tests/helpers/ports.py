"""Ports on loopback."""

import os
import socket


def free_port() -> int:
    """Return a port that nobody holds right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def quiet_offset() -> int:
    """Return a LANTERN_PORT_OFFSET whose ports lie below those of outgoing connections.

    Each test process has its own, so that they do not take each other's.
    """
    return 12_000 + 50 * (os.getpid() % 200)
