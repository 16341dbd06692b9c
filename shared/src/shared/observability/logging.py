"""structlog as JSON lines on standard error; what could name a person is redacted on the way."""

import logging
import re
import sys
from typing import Any, cast

import structlog

_SECRET_KEYS = frozenset(
    {"authorization", "token", "api_key", "password", "secret", "name", "student_number", "email",
     "phone", "payload", "items"}
)  # fmt: skip
_OPAQUE = frozenset({"trace_id"})  # 32 random digits: now and then ten of them look like a number
_PATTERNS = (
    re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"),  # identity card
    re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"),  # mobile number
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),  # e-mail
    re.compile(r"(?<=DETAIL:).*"),  # PostgreSQL quotes the row that it refuses
)


def configure(level: str = "info", style: str = "json") -> None:
    """Set logging up once, from `main`; `style` is `json` or `plain`."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,  # after the line above: an exception's text is redacted as well
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for noisy in ("uvicorn.access", "aiokafka"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)  # noqa: TID251 - silencing, not logging


def redact(_logger: Any, _method: str, entry: Any) -> Any:  # noqa: ANN401 - structlog's own shape
    """Replace what could name a person or open a door; a privacy control, not a convenience."""
    for key, value in entry.items():
        if key in _SECRET_KEYS:
            entry[key] = "[redacted]"
        elif isinstance(value, str) and key not in _OPAQUE:
            entry[key] = _clean(value)
    return entry


def _clean(text: str) -> str:
    for pattern in _PATTERNS:
        text = pattern.sub("[redacted]", text)
    return text


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return a logger bound to a component's name."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(component=name))
