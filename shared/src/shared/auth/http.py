"""The FastAPI dependency that says who is asking, and declares how in OpenAPI."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.auth.actor import Actor
from shared.auth.tokens import FileKeys, JwtVerifier, KeySource, OidcKeys, Verifier
from shared.kernel.clock import Clock
from shared.kernel.errors import UnauthenticatedError
from shared.settings import CommonSettings

BEARER = HTTPBearer(auto_error=False, scheme_name="bearer", bearerFormat="JWT")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
Authenticate = Callable[[Request], Awaitable[Actor]]


class Authenticator:
    """`Annotated[Actor, Depends(authenticate)]`: verifies the bearer token of a request."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    async def __call__(self, request: Request, credentials: Credentials = None) -> Actor:
        """Return the caller; raises UnauthenticatedError."""
        if credentials is None or not credentials.credentials:
            raise UnauthenticatedError("token_missing", "a bearer token is needed")
        actor = await self._verifier.verify(credentials.credentials)
        request.state.actor = actor
        return actor


def build_authenticator(settings: CommonSettings, clock: Clock) -> Authenticator:
    """Return the authenticator that the settings describe: OIDC provider, else a JWKS file."""
    keys: KeySource
    if settings.auth_discovery_url:
        keys = OidcKeys(settings.auth_discovery_url, settings.auth_issuer, clock)
    else:
        keys = FileKeys(settings.auth_jwks_file or settings.home / "auth" / "jwks.json")
    return Authenticator(
        JwtVerifier(keys, clock, issuer=settings.auth_issuer, audience=settings.auth_audience)
    )
