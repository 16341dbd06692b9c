"""One way to make a service's HTTP app: problems, health, metrics, correlation."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import RedirectResponse
from fastapi_offline import FastAPIOffline
from prometheus_client import CollectorRegistry, generate_latest

from shared.web import problems
from shared.web.correlation import Correlation
from shared.web.health import Health

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def create_app(
    title: str,
    routers: Sequence[APIRouter],
    *,
    health: Health,
    registry: CollectorRegistry,
    version: str = "0.1.0",
    description: str = "",
) -> FastAPI:
    """Return an app with the routers and `/healthz`, `/readyz`, `/metrics`, `/docs`.

    `/` leads to `/docs`, unless a router has a page of its own there.
    """
    app = FastAPIOffline(title=title, version=version, description=description, redoc_url=None)
    # `/docs` with its scripts from our own origin: a campus network may be closed
    problems.install(app)
    app.add_middleware(Correlation)
    for router in (*routers, _operations(health, registry)):
        app.include_router(router)
    return app


def _operations(health: Health, registry: CollectorRegistry) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def root() -> Response:
        return RedirectResponse("docs")  # relative: holds behind a path of a proxy too

    @router.get("/healthz")
    async def alive() -> Response:
        return _report(health.is_alive(), "; ".join(health.complaints("live")))

    @router.get("/readyz")
    async def ready() -> Response:
        return _report(health.is_ready(), "; ".join(health.complaints("ready")))

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=_METRICS_TYPE)

    return router


def _report(good: bool, complaints: str) -> Response:  # noqa: FBT001 - one private use
    return Response("ok" if good else complaints, 200 if good else 503, media_type="text/plain")
