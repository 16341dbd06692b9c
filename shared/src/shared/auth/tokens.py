"""Bearer tokens: JWTs verified with explicit algorithms, then turned into an `Actor`.

Keys come from a JWKS file or from an OpenID Connect provider's discovery document. Unsigned tokens,
tokens under another algorithm, of another issuer or for another audience are refused, each with its
own code.
"""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, cast

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from shared.auth.actor import Actor
from shared.auth.permission import ROLES
from shared.kernel.clock import Clock
from shared.kernel.errors import ServiceAwayError, UnauthenticatedError, UnavailableError
from shared.web.client import HttpClient

ALGORITHMS = ("EdDSA", "Ed25519", "ES256", "RS256")
MAX_TOKEN_CHARACTERS = 8192
LEEWAY_S = 30
_MAX_TEXT = 200
_MAX_ITEMS = 1000
_KEYS_LIVE_S = 3600.0
_RELOAD_PAUSE_S = 30.0


class Verifier(Protocol):
    """Turns the text of a bearer token into the caller."""

    async def verify(self, token: str) -> Actor:
        """Return the caller; raises UnauthenticatedError."""
        ...


class KeySource(Protocol):
    """Where public keys come from."""

    async def keys(self, kid: str | None) -> KeySet:
        """Return the current keys; an unknown `kid` is a reason to look again."""
        ...


class FileKeys:
    """Keys from a JWKS file, read again when the file changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._keys = KeySet([])

    async def keys(self, kid: str | None) -> KeySet:  # noqa: ARG002 - the file's stamp decides
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp != self._stamp:
                self._keys = _public_keys(json.loads(self._path.read_bytes()))
                self._stamp = stamp
        except (OSError, ValueError, TypeError, JoseError):
            raise ServiceAwayError(
                f"no readable signing keys in {self._path.name}", retry_after_s=30
            ) from None
        return self._keys


class OidcKeys:
    """Keys of an OpenID Connect provider, cached; an unknown key id looks again, not too often."""

    def __init__(
        self,
        discovery_url: str,
        issuer: str,
        clock: Clock,
        *,
        client: Callable[[], HttpClient] = HttpClient,
    ) -> None:
        self._url = discovery_url
        self._issuer = issuer
        self._clock = clock
        self._client = client
        self._keys: KeySet | None = None
        self._loaded_at = 0.0
        self._lock = asyncio.Lock()

    async def keys(self, kid: str | None) -> KeySet:
        async with self._lock:
            if self._keys is None or self._is_due(self._keys, kid):
                await self._load()
            return cast("KeySet", self._keys)

    def _is_due(self, keys: KeySet, kid: str | None) -> bool:
        age = self._clock.monotonic() - self._loaded_at
        is_known = kid is None or any(key.kid == kid for key in keys)
        return age > _KEYS_LIVE_S or (not is_known and age > _RELOAD_PAUSE_S)

    async def _load(self) -> None:
        try:
            async with self._client() as client:
                found = await self._get(client, self._url)
                if found.get("issuer") != self._issuer:
                    raise ServiceAwayError("the identity provider names another issuer")
                self._keys = _public_keys(await self._get(client, str(found["jwks_uri"])))
        except (UnavailableError, ValueError, KeyError, TypeError, AttributeError, JoseError):
            if self._keys is None:
                raise ServiceAwayError("the identity provider's keys cannot be read") from None
        self._loaded_at = self._clock.monotonic()

    async def _get(self, client: HttpClient, url: str) -> dict[str, Any]:
        answer = await client.get(url)
        if answer.status_code != 200:  # noqa: PLR2004 - HTTP OK
            raise UnavailableError(f"identity provider answered {answer.status_code}")
        return cast("dict[str, Any]", answer.json())


def _public_keys(document: Any) -> KeySet:  # noqa: ANN401 - parsed JSON
    """Import the asymmetric keys only: a symmetric key in a public document is a trap."""
    usable = [
        key
        for key in document["keys"]
        if key.get("kty") in ("OKP", "EC", "RSA") and key.get("use", "sig") == "sig"
    ]
    return KeySet.import_key_set({"keys": usable}) if usable else KeySet([])


class JwtVerifier:
    """Checks signature, issuer, audience, `exp`, `nbf` and `iat`, with a small leeway."""

    def __init__(self, keys: KeySource, clock: Clock, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._registry = JWSRegistry(algorithms=list(ALGORITHMS))
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(clock.now().timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
        )

    async def verify(self, token: str) -> Actor:
        """Return the caller.

        Raises:
            UnauthenticatedError: malformed, untrusted, foreign, expired or not yet valid.
        """
        keys = await self._keys.keys(_key_id(token))
        try:
            claims = jwt.decode(token, keys, list(ALGORITHMS), self._registry).claims
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise UnauthenticatedError(
                "token_untrusted", "the token's signature is not from a key we trust"
            ) from None
        self._check(claims)
        return actor_of(claims)

    def _check(self, claims: dict[str, Any]) -> None:
        try:
            self._claims.validate(claims)
        except ExpiredTokenError:
            raise UnauthenticatedError("token_expired", "the token has expired") from None
        except MissingClaimError as error:
            raise UnauthenticatedError("token_malformed", f"missing: {error.description}") from None
        except InvalidClaimError as error:
            raise _refusal(str(error.claim)) from None


def _refusal(claim: str) -> UnauthenticatedError:
    if claim in ("iss", "aud"):
        return UnauthenticatedError("token_foreign", f"the token's {claim} is not ours")
    if claim in ("nbf", "iat"):
        return UnauthenticatedError("token_not_yet_valid", f"the token's {claim} is in the future")
    return UnauthenticatedError("token_malformed", f"the token's {claim} is not usable")


def _key_id(token: str) -> str | None:
    """Read the header's key id before anything is trusted: it only chooses a key."""
    if len(token) > MAX_TOKEN_CHARACTERS or not token.isascii():
        raise UnauthenticatedError("token_malformed", "the token is too long or not ASCII")
    try:
        header = jwt_header(token)
    except (ValueError, RecursionError):
        raise UnauthenticatedError("token_malformed", "this is not a JSON Web Token") from None
    kid = header.get("kid")
    return kid if isinstance(kid, str) else None


def jwt_header(token: str) -> dict[str, Any]:
    """Return the unverified header of a compact token; raises ValueError."""
    import base64  # noqa: PLC0415 - one use

    head, dots, _ = token.partition(".")
    if not dots or token.count(".") != 2:  # noqa: PLR2004 - header, claims, signature
        raise ValueError("not three parts")
    header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    if not isinstance(header, dict):
        raise ValueError("the header is not an object")  # noqa: TRY004 - one kind for callers
    return header


def actor_of(claims: dict[str, Any]) -> Actor:
    """Map verified claims to an actor; unknown roles are dropped, wrong types are refused."""
    roles = _texts(claims, "roles")
    return Actor(
        id=_text(claims, "sub") or _missing("sub"),
        roles=frozenset(role for role in ROLES if role in roles),
        school=_text(claims, "school"),
        colleges=_texts(claims, "colleges"),
        teams=_texts(claims, "teams"),
        student=_text(claims, "student"),
    )


def _missing(claim: str) -> str:
    raise UnauthenticatedError("token_malformed", f"missing: {claim}")


def _text(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT or "\0" in value:
        raise UnauthenticatedError("token_malformed", f"the token's {name} is not usable")
    return value


def _texts(claims: dict[str, Any], name: str) -> frozenset[str]:
    value = claims.get(name, [])
    if not isinstance(value, list) or len(value) > _MAX_ITEMS:
        raise UnauthenticatedError("token_malformed", f"the token's {name} is not a list")
    if not all(isinstance(item, str) and "\0" not in item for item in value):
        raise UnauthenticatedError("token_malformed", f"the token's {name} is not a list of text")
    return frozenset(value)
