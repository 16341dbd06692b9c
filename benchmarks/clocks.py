"""Processor time by part: functions of the hot path with a clock around them.

They are called some dozen times a poll, so the clocks cost nothing that counts.
"""

import importlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

Parts = Mapping[str, str]
"""Name of a part to `module:function` or `module:Class.function`, as the caller looks it up."""


@contextmanager
def clocks_around(parts: Parts) -> Iterator[dict[str, float]]:
    """Yield seconds by part, which grow until the end; a part must not call another one."""
    spent = dict.fromkeys(parts, 0.0)
    with ExitStack() as stack:
        for name, place in parts.items():
            module, _, path = place.partition(":")
            *owners, attribute = path.split(".")
            owner: Any = importlib.import_module(module)
            for each in owners:
                owner = getattr(owner, each)
            clocked = _clocked(getattr(owner, attribute), spent, name)
            stack.enter_context(patch.object(owner, attribute, clocked))
        yield spent


def _clocked(
    function: Callable[..., Any], spent: dict[str, float], name: str
) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the function takes
        began = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent[name] += time.process_time() - began

    return timed
