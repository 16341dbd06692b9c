"""The first page: static files inside the package, no other host, a strict browser policy."""

from importlib.resources import files

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

_STATIC = files("alerts") / "static"
_TYPES = {"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-cache",
}


def page_routes() -> APIRouter:
    """Return the page and its two files; they are no part of the API's document."""
    router = APIRouter(include_in_schema=False)

    @router.get("/", response_class=HTMLResponse)
    async def page() -> Response:
        return HTMLResponse(_read("page.html"), headers=HEADERS)

    @router.get("/static/page.css")
    async def style() -> Response:
        return _file("page.css")

    @router.get("/static/page.js")
    async def script() -> Response:
        return _file("page.js")

    return router


def _file(name: str) -> Response:
    return Response(_read(name), headers={**HEADERS, "Content-Type": _TYPES[name]})


def _read(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")
