"""What a demonstration remembers between two starts: its campus and how far its life has come."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.kernel.campus_time import format_utc, parse_utc
from shared.kernel.errors import ConfigError
from simulator import CampusConfig

_FILE = "demo.json"


@dataclass(frozen=True)
class Journal:
    """The campus of a home folder; `reached` is the campus time up to which events were sent."""

    config: CampusConfig
    keys: dict[str, str]
    reached: datetime

    @staticmethod
    def read(home: Path) -> "Journal | None":
        """Return the journal, None where no demonstration has run.

        Raises:
            ConfigError: the home folder holds real data, which a demonstration must not touch.
        """
        file = home / _FILE
        if file.exists():
            stored = json.loads(file.read_text())
            config = CampusConfig.from_json(json.dumps(stored["config"]).encode())
            return Journal(config, stored["keys"], parse_utc(stored["reached"]))
        if any(home.glob("*.db")):
            raise ConfigError(
                "demo",
                f"{home} holds data of real use; set LANTERN_HOME to another folder, "
                "or remove this one",
            )
        return None

    def write(self, home: Path) -> None:
        """Store the journal; a kill between two writes leaves the older one."""
        stored = {
            "config": json.loads(self.config.to_json()),
            "keys": self.keys,
            "reached": format_utc(self.reached),
        }
        fresh = home / f"{_FILE}.new"
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(stored))
        fresh.replace(home / _FILE)
