"""The first page: static files inside the package, no other host, a strict browser policy."""

from html import escape
from importlib.resources import files

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from shared.kernel.errors import NotFoundError

_STATIC = files("alerts") / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
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


def page_routes(timezone: str) -> APIRouter:
    """Return the page and its files; they are no part of the API's document.

    The page shows every time in the campus's zone, whatever the browser's.
    """
    router = APIRouter(include_in_schema=False)
    names = {each.name: kind for each in _STATIC.iterdir() if (kind := _kind(each.name))}

    @router.get("/", response_class=HTMLResponse)
    async def page() -> Response:
        text = _read("page.html").replace("{zone}", escape(timezone))
        return HTMLResponse(text, headers=HEADERS)

    @router.get("/static/{name}")
    async def file(name: str) -> Response:
        if name not in names:
            raise NotFoundError("no_file", "the page has no such file")
        return Response(_read(name), headers={**HEADERS, "Content-Type": names[name]})

    return router


def _kind(name: str) -> str | None:
    return _TYPES.get(name[name.rfind(".") :])


def _read(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")
