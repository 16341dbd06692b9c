"""Every request has an id and a trace: in its log lines, its answer and its problems."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from shared.kernel.ids import new_id
from shared.kernel.trace import HEADER, continued
from shared.observability.logging import get_logger
from shared.observability.tracing import traced
from shared.web.problems import problem

log = get_logger("web")
_LONGEST_ID = 64


class Correlation:
    """Keep or give `X-Request-ID`, go on with `traceparent`, and answer for what nobody caught.

    The request id names one request of one service; the trace id goes on through the chain. The
    answer tells both (the trace as `traceresponse`). Plain ASGI: Starlette's `middleware("http")`
    costs a task group and two streams a request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id, trace = _request_id(headers), _trace(headers)
        has_begun = False

        async def answer(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                message.setdefault("headers", [])
                told = MutableHeaders(scope=message)
                told["X-Request-ID"], told["traceresponse"] = request_id, trace
            await send(message)

        with bound_contextvars(request_id=request_id), traced(trace):
            try:
                await self._app(scope, receive, answer)
            except ClientDisconnect:
                log.info("request.abandoned", method=scope["method"])
            except Exception:
                log.exception("request.failed", method=scope["method"])  # a path may hold an id
                if has_begun:
                    raise
                fault = problem(500, "internal", "a fault of ours; name the request id")
                await fault(scope, receive, answer)


def _request_id(headers: Headers) -> str:
    given = headers.get("X-Request-ID", "")
    is_sane = given.isascii() and 0 < len(given) <= _LONGEST_ID
    return given if is_sane else new_id("req")


def _trace(headers: Headers) -> str:
    given = headers.getlist(HEADER)
    return continued(given[0] if len(given) == 1 else None)  # W3C: two are none
