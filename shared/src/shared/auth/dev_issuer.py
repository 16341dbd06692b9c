"""A token issuer for development: an Ed25519 key under the home folder, never for production."""

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.auth.actor import Role
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import ConfigError
from shared.settings import CommonSettings, load

_ALGORITHM = "Ed25519"
_PRIVATE = 0o600
DAY_S = 86_400


class DevIssuer:
    """Issues tokens that `build_authenticator` accepts by default.

    Raises:
        ConfigError: the setting `env` says `production`.
    """

    def __init__(
        self, home: Path, *, settings: CommonSettings | None = None, clock: Clock | None = None
    ) -> None:
        settings = settings or load(CommonSettings)
        if settings.env == "production":
            raise ConfigError("LANTERN_ENV", "the development issuer does not run in production")
        self._issuer = settings.auth_issuer
        self._audience = settings.auth_audience
        self._clock = clock or SystemClock()
        folder = home / "auth"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._key = _load_or_create(folder / "dev_key.json")
        self.jwks_file = folder / "jwks.json"
        self._publish()

    def token(
        self,
        subject: str,
        roles: Iterable[Role],
        *,
        colleges: Iterable[str] = (),
        teams: Iterable[str] = (),
        school: str | None = None,
        student: str | None = None,
        ttl_s: int = DAY_S,
    ) -> str:
        """Return a signed token for a subject."""
        now = int(self._clock.now().timestamp())
        places = {"school": school, "student": student}
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": subject,
            "iat": now,
            "exp": now + ttl_s,
            "jti": secrets.token_hex(8),
            "roles": sorted(roles),
            "colleges": sorted(colleges),
            "teams": sorted(teams),
        } | {name: value for name, value in places.items() if value is not None}
        header = {"alg": _ALGORITHM, "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, [_ALGORITHM])

    def _publish(self) -> None:
        document = json.dumps({"keys": [self._key.as_dict(private=False, use="sig")]})
        if not self.jwks_file.exists() or self.jwks_file.read_text() != document:
            fresh = self.jwks_file.with_suffix(f".{secrets.token_hex(4)}")
            fresh.write_text(document)
            fresh.replace(self.jwks_file)


def _load_or_create(path: Path) -> OKPKey:
    """Return the key of the file; two processes that start together agree on one key."""
    if not path.exists():
        key = OKPKey.generate_key("Ed25519", auto_kid=True)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(descriptor, "w") as file:
            json.dump(key.as_dict(private=True), file)
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass  # another process was first; its key counts
        finally:
            fresh.unlink()
    return OKPKey.import_key(json.loads(path.read_text()))
