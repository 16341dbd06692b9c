"""Numbers as people say them."""

import math

WHOLE = 0.05  # nearer to a whole number than this needs no "about"
LARGEST = 1e12  # what scoring takes at most
MINUTES_A_DAY = 24 * 60


def plain(value: float, digits: int = 1) -> str:
    """Return a number with few digits: 2.1, 3, 0."""
    text = f"{value:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def two_digits(value: float) -> str:
    """Return a number on a scale of 0..1: 0.62."""
    return f"{value:.2f}"


def whole(value: float) -> str:
    """Return the nearest whole number."""
    return plain(round(value), 0)


def per_cent(share: float) -> str:
    """Return a share as a whole per cent, and a tenth of one where it is small."""
    hundredths = 100 * share
    return f"{plain(hundredths, 1 if 0 < abs(hundredths) < 1 else 0)}%"


def clock(minutes: float) -> str:
    """Return minutes after midnight as a time of day; past midnight it begins again."""
    of_day = round(minutes) % MINUTES_A_DAY
    return f"{of_day // 60:02d}:{of_day % 60:02d}"


def is_whole(value: float) -> bool:
    """Say whether a number may be said without "about"."""
    return abs(value - round(value)) <= WHOLE


def is_sayable(value: float | None) -> bool:
    """Say whether there is a number at all, and one that means anything."""
    return value is not None and math.isfinite(value) and abs(value) <= LARGEST
