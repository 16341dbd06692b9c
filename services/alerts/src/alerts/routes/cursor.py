"""Cursors of the alert list: opaque to callers, checked when they come back."""

import base64
import binascii
import re

from alerts.domain.views import AlertRecord
from shared.kernel.errors import RuleBrokenError

_SHAPE = re.compile(r"^(\d{4}-\d{2}-\d{2}T[\d:.]{1,20}Z)\|([A-Za-z0-9_]{1,80})$")


def cursor_of(record: AlertRecord) -> str:
    return base64.urlsafe_b64encode(f"{record.opened_at}|{record.id}".encode()).decode()


def place_of(cursor: str) -> tuple[str, str]:
    """Return (opened_at, id).

    Raises:
        RuleBrokenError: not a cursor that this service gave.
    """
    try:
        match = _SHAPE.match(base64.urlsafe_b64decode(cursor.encode()).decode())
    except (binascii.Error, UnicodeError, ValueError):
        match = None
    if match is None:
        raise RuleBrokenError("bad_cursor", "not a cursor of this list", field="cursor")
    return match[1], match[2]
