"""Which language a person reads: Chinese where the locale or `LANTERN_LANGUAGE` says so."""

import locale
import os


def prefers_chinese() -> bool:
    """Return whether messages for people are to be Chinese."""
    chosen = os.environ.get("LANTERN_LANGUAGE") or locale.getlocale()[0] or ""
    return chosen.lower().startswith(("zh", "chinese"))


def say(english: str, chinese: str) -> str:
    """Return the text in the reader's language."""
    return chinese if prefers_chinese() else english
