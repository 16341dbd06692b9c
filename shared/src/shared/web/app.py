"""One way to make a service's HTTP app: problems, health, metrics, request ids."""

from collections.abc import Awaitable, Callable, Sequence

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CollectorRegistry, generate_latest
from structlog.contextvars import bound_contextvars

from shared.kernel.ids import new_id
from shared.web import problems
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
    """Return an app with the routers and `/healthz`, `/readyz`, `/metrics`, `/docs`."""
    app = FastAPI(title=title, version=version, description=description, redoc_url=None)
    problems.install(app)
    app.middleware("http")(_with_request_id)
    for router in (*routers, _operations(health, registry)):
        app.include_router(router)
    return app


async def _with_request_id(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    given = request.headers.get("X-Request-ID", "")
    request_id = given if given.isascii() and 0 < len(given) <= 64 else new_id("req")  # noqa: PLR2004
    with bound_contextvars(request_id=request_id):
        response = await call_next(request)
    response.headers["X-Request-ID"] = request_id
    return response


def _operations(health: Health, registry: CollectorRegistry) -> APIRouter:
    router = APIRouter(include_in_schema=False)

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
