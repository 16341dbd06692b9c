"""The FastAPI dependency, and API keys."""

from pathlib import Path
from typing import Annotated

import httpx2
import pytest
from fastapi import APIRouter, Depends
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from shared.auth.actor import Actor
from shared.auth.api_keys import ApiKeys, key_id
from shared.auth.dev_issuer import DevIssuer
from shared.auth.http import Authenticate, build_authenticator
from shared.auth.testing import an_actor, fixed
from shared.kernel.clock import SystemClock
from shared.kernel.errors import UnauthenticatedError
from shared.settings import CommonSettings
from shared.web.app import create_app
from shared.web.health import Health

KEYS = ApiKeys(b"p" * 32)


def client(authenticate: Authenticate) -> httpx2.AsyncClient:
    router = APIRouter()

    @router.get("/me")
    async def me(actor: Annotated[Actor, Depends(authenticate)]) -> dict[str, str]:
        return {"id": actor.id}

    app = create_app("test", [router], health=Health(), registry=CollectorRegistry())
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test")


async def test_a_bearer_token_opens_a_route(tmp_path: Path) -> None:
    """The right token gives the caller; none, or another scheme, gives 401 with a challenge."""
    settings = CommonSettings(home=tmp_path)
    token = DevIssuer(tmp_path, settings=settings).token("person_1", ["it"])
    async with client(build_authenticator(settings, SystemClock())) as http:
        good = await http.get("/me", headers={"Authorization": f"Bearer {token}"})
        absent = await http.get("/me")
        basic = await http.get("/me", headers={"Authorization": "Basic eDp5"})
        document = (await http.get("/openapi.json")).json()
    assert (good.status_code, good.json()) == (200, {"id": "person_1"})
    assert (absent.status_code, basic.status_code) == (401, 401)
    assert absent.json()["code"] == "token_missing"
    assert absent.headers["WWW-Authenticate"] == "Bearer"
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert document["paths"]["/me"]["get"]["security"] == [{"bearer": []}]


async def test_the_fake_names_its_actor() -> None:
    """Tests are called by whom they say."""
    async with client(fixed(an_actor("it", id="person_7"))) as http:
        assert (await http.get("/me")).json() == {"id": "person_7"}


def test_a_key_matches_its_own_digest_only() -> None:
    """A key opens its row and no other; another pepper opens nothing."""
    one, two = KEYS.issue(), KEYS.issue()
    assert KEYS.matches(one.text, one.digest)
    assert not KEYS.matches(one.text, two.digest)
    assert not ApiKeys(b"q" * 32).matches(one.text, one.digest)
    assert key_id(one.text) == one.id
    assert one.text not in repr(one)


@given(st.text(max_size=80))
def test_what_is_not_a_key_is_refused(text: str) -> None:
    """Any other text has no key id."""
    with pytest.raises(UnauthenticatedError):
        key_id(text)
