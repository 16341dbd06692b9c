"""A request's body, read only as far as its limit."""

from fastapi import Request

from shared.kernel.errors import RuleBrokenError, TooLargeError


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body.

    Raises:
        TooLargeError: it says or turns out to be larger than `limit` bytes.
        RuleBrokenError: its Content-Length is no number.
    """
    announced = request.headers.get("content-length")
    if announced is not None:
        if not (announced.isascii() and announced.isdigit()):
            raise RuleBrokenError("bad_length", "Content-Length is not a number")
        if int(announced[:20]) > limit:
            raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError("body_too_large", f"a body has at most {limit} bytes")
