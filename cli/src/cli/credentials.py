"""Keys of a local installation, made once under `<home>/credentials.json` (mode 0600).

In production they come from the environment instead; what is set there always wins.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from shared.auth.dev_issuer import DevIssuer
from shared.crypto.keys import KEY_BYTES
from shared.kernel.errors import ConfigError

_KEYS = ("LANTERN_PSEUDONYM_KEY", "LANTERN_DEAD_LETTER_KEY", "LANTERN_DIRECTORY_VAULT_KEY")
_SERVICE_TOKEN_TTL_S = 30 * 86_400


def make_home(home: Path) -> None:
    """Make the home folder, if it is not there.

    Raises:
        ConfigError: it cannot be made, or written to.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        writable = os.access(home, os.W_OK)
    except OSError as error:
        raise ConfigError(
            "LANTERN_HOME", f"{home} cannot be used: {error.strerror or error}"
        ) from error
    if not writable:
        raise ConfigError("LANTERN_HOME", f"{home} cannot be written to")


@dataclass(frozen=True)
class Credentials:
    """The secrets of one home folder."""

    home: Path
    keys: dict[str, str]

    @staticmethod
    def load_or_create(home: Path) -> "Credentials":
        """Return the stored keys, or make them.

        Raises:
            ConfigError: the home folder cannot be used.
        """
        file = home / "credentials.json"
        if file.exists():
            return Credentials(home, json.loads(file.read_text()))
        make_home(home)
        keys = {name: secrets.token_hex(KEY_BYTES) for name in _KEYS}
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            json.dump(keys, handle)
        return Credentials(home, keys)

    def environment(self) -> dict[str, str]:
        """Return the variables that the services read; the process's own environment wins."""
        token = DevIssuer(self.home).token("services", ("service",), ttl_s=_SERVICE_TOKEN_TTL_S)
        made = {**self.keys, "LANTERN_SERVICE_TOKEN": token}
        return {name: os.environ.get(name, value) for name, value in made.items()}
