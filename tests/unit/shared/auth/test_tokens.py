"""Bearer tokens: what is accepted, and every way to be refused."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from shared.auth.actor import Actor
from shared.auth.dev_issuer import DevIssuer
from shared.auth.tokens import FileKeys, JwtVerifier, OidcKeys
from shared.kernel.clock import ManualClock
from shared.kernel.errors import ConfigError, ServiceAwayError, UnauthenticatedError
from shared.settings import CommonSettings
from shared.web.client import HttpClient, MockTransport, Request, Response

CLOCK = ManualClock()
NOW = int(CLOCK.now().timestamp())
CLAIMS = {"iss": "lantern-dev", "aud": "lantern", "sub": "person_1", "exp": NOW + 60, "iat": NOW}
KEYS: dict[str, Key] = {
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
}


def b64(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def signed(
    alg: str = "Ed25519",
    key: Key | None = None,
    kid: str | None = None,
    drop: str | None = None,
    **claims: Any,
) -> str:
    key = key or KEYS[alg]
    body = {name: value for name, value in (CLAIMS | claims).items() if name != drop}
    return jwt.encode({"alg": alg, "kid": kid or key.kid}, body, key, [alg])


def verifier(tmp_path: Path) -> JwtVerifier:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [key.as_dict(private=False) for key in KEYS.values()]}))
    return JwtVerifier(FileKeys(path), CLOCK, issuer="lantern-dev", audience="lantern")


@pytest.mark.parametrize("alg", KEYS)
async def test_a_good_token_names_its_caller(tmp_path: Path, alg: str) -> None:
    """Each allowed algorithm verifies, and the claims become the actor."""
    token = signed(alg, roles=["advisor", "emperor"], teams=["t1"], school="s1", student="p1:a")
    actor = await verifier(tmp_path).verify(token)
    assert actor.id == "person_1"
    assert actor == Actor(
        "person_1", frozenset({"advisor"}), "s1", teams=frozenset({"t1"}), student="p1:a"
    )


SECRET = OctKey.import_key("a-shared-secret-of-thirty-two-b!", {"kid": "ed"})
STRANGER = OKPKey.generate_key("Ed25519", {"kid": "ed"})


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (f"{b64({'alg': 'none'})}.{b64(CLAIMS)}.", "token_untrusted"),
        (f"{b64({'alg': 'None', 'kid': 'ed'})}.{b64(CLAIMS)}.", "token_untrusted"),
        (jwt.encode({"alg": "HS256", "kid": "ed"}, CLAIMS, SECRET), "token_untrusted"),
        (signed(key=STRANGER), "token_untrusted"),
        (signed(key=STRANGER, kid="unheard-of"), "token_untrusted"),
        (signed("ES256")[:-4] + "AAAA", "token_untrusted"),
        (signed(iss="somebody-else"), "token_foreign"),
        (signed(aud="another-system"), "token_foreign"),
        (signed(exp=NOW - 31), "token_expired"),
        (signed(nbf=NOW + 31), "token_not_yet_valid"),
        (signed(iat=NOW + 31), "token_not_yet_valid"),
        (signed(exp=True), "token_malformed"),
        (signed(drop="exp"), "token_malformed"),
        (signed(drop="sub"), "token_malformed"),
        (signed(drop="iss"), "token_malformed"),
        (signed(drop="aud"), "token_malformed"),
        (signed(sub=""), "token_malformed"),
        (signed(sub="a\0b"), "token_malformed"),
        (signed(roles="school_officer"), "token_malformed"),
        (signed(roles=[1]), "token_malformed"),
        (signed(colleges={"c1": True}), "token_malformed"),
        (signed(school=7), "token_malformed"),
        ("", "token_malformed"),
        ("not-a-token", "token_malformed"),
        ("a.b.c", "token_malformed"),
        ("é.b.c", "token_malformed"),
        (f"{b64([1])}.{b64(CLAIMS)}.", "token_malformed"),
        ("x" * 8193, "token_malformed"),
    ],
)
async def test_a_bad_token_is_refused(tmp_path: Path, token: str, code: str) -> None:
    """Unsigned, foreign, expired, early and malformed tokens are refused, each with its code."""
    with pytest.raises(UnauthenticatedError) as refusal:
        await verifier(tmp_path).verify(token)
    assert refusal.value.code == code


async def test_a_small_clock_difference_is_forgiven(tmp_path: Path) -> None:
    """Half a minute of skew on `exp`, `nbf` and `iat` does not lock anybody out."""
    token = signed(exp=NOW - 29, nbf=NOW + 29, iat=NOW + 29)
    assert (await verifier(tmp_path).verify(token)).id == "person_1"


async def test_a_changed_key_file_counts_at_once(tmp_path: Path) -> None:
    """A key that left the file opens nothing any more."""
    path = tmp_path / "jwks.json"
    check = verifier(tmp_path)
    await check.verify(signed())
    path.write_text(json.dumps({"keys": [STRANGER.as_dict(private=False)]}))
    with pytest.raises(UnauthenticatedError):
        await check.verify(signed())
    assert (await check.verify(signed(key=STRANGER))).id == "person_1"


@pytest.mark.parametrize("content", [None, "", "[]", '{"keys": 3}', '{"keys": [{"kty": "EC"}]}'])
async def test_an_unreadable_key_file_is_503(tmp_path: Path, content: str | None) -> None:
    """Missing or broken keys are the service's fault, not the caller's."""
    path = tmp_path / "jwks.json"
    if content is not None:
        path.write_text(content)
    check = JwtVerifier(FileKeys(path), CLOCK, issuer="lantern-dev", audience="lantern")
    with pytest.raises(ServiceAwayError):
        await check.verify(signed())


async def test_a_symmetric_key_in_the_public_file_is_ignored(tmp_path: Path) -> None:
    """A shared secret published by mistake verifies nothing."""
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [SECRET.as_dict(private=True)]}))
    check = JwtVerifier(FileKeys(path), CLOCK, issuer="lantern-dev", audience="lantern")
    with pytest.raises(UnauthenticatedError):
        await check.verify(jwt.encode({"alg": "HS256", "kid": "ed"}, CLAIMS, SECRET))


class Provider:
    """An OpenID Connect provider that counts its requests."""

    def __init__(self, issuer: str = "https://id.example.edu") -> None:
        self.issuer = issuer
        self.key: Key = KEYS["Ed25519"]
        self.is_away = False
        self.asked = 0

    def answer(self, request: Request) -> Response:
        self.asked += 1
        if self.is_away:
            return Response(502)
        if request.url.path.startswith("/.well-known"):
            return Response(200, json={"issuer": self.issuer, "jwks_uri": "https://id/keys"})
        return Response(200, json={"keys": [self.key.as_dict(private=False)]})

    def keys(self, clock: ManualClock) -> OidcKeys:
        return OidcKeys(
            "https://id.example.edu/.well-known/openid-configuration",
            "https://id.example.edu",
            clock,
            client=lambda: HttpClient(transport=MockTransport(self.answer)),
        )


async def test_provider_keys_are_cached_and_rotate() -> None:
    """Known keys are asked for once; an unknown key id looks again after a pause."""
    clock, provider = ManualClock(), Provider()
    keys = provider.keys(clock)
    await keys.keys("ed")
    await keys.keys("ed")
    assert provider.asked == 2
    provider.key = OKPKey.generate_key("Ed25519", {"kid": "new"})
    await keys.keys("new")
    assert provider.asked == 2
    clock.advance(31)
    assert [key.kid for key in await keys.keys("new")] == ["new"]


async def test_an_absent_provider_keeps_the_known_keys() -> None:
    """An outage after the first load locks nobody out; before it, the answer is 503."""
    clock, provider = ManualClock(), Provider()
    keys = provider.keys(clock)
    await keys.keys("ed")
    provider.is_away = True
    clock.advance(3601)
    assert [key.kid for key in await keys.keys("ed")] == ["ed"]
    with pytest.raises(ServiceAwayError):
        await provider.keys(clock).keys("ed")


async def test_a_provider_that_names_another_issuer_is_refused() -> None:
    """Keys are not taken from a discovery document of somebody else."""
    with pytest.raises(ServiceAwayError):
        await Provider("https://evil.example").keys(ManualClock()).keys("ed")


async def test_the_development_issuer_is_accepted(tmp_path: Path) -> None:
    """Tokens of two issuers on the same home verify, and the key file is private."""
    settings = CommonSettings(home=tmp_path)
    token = DevIssuer(tmp_path, settings=settings, clock=CLOCK).token(
        "person_9", ["college_counsellor"], colleges=["c1"]
    )
    again = DevIssuer(tmp_path, settings=settings, clock=CLOCK)
    check = JwtVerifier(FileKeys(again.jwks_file), CLOCK, issuer="lantern-dev", audience="lantern")
    actor = await check.verify(token)
    assert (actor.id, sorted(actor.colleges)) == ("person_9", ["c1"])
    assert (tmp_path / "auth" / "dev_key.json").stat().st_mode & 0o777 == 0o600
    assert '"d"' not in again.jwks_file.read_text()


def test_the_development_issuer_refuses_production(tmp_path: Path) -> None:
    """Nobody issues development tokens in production."""
    with pytest.raises(ConfigError):
        DevIssuer(tmp_path, settings=CommonSettings(env="production"))


async def test_deep_nesting_is_refused_quickly(tmp_path: Path) -> None:
    """A token of nested brackets costs little and is malformed."""
    started = time.perf_counter()
    head = base64.urlsafe_b64encode(b"[" * 5000).decode()
    with pytest.raises(UnauthenticatedError):
        await verifier(tmp_path).verify(f"{head}.{head[:20]}.x")
    assert time.perf_counter() - started < 5
