"""The meaning of a formula as text: its syntax tree without names of places, comments or layout.

A function's meaning holds the meaning of every function of `shared.features` that it reaches by
name and the value of every constant it reads, so that changing a helper changes it too. The text is
our own walk of the tree, since `ast.dump` differs between versions of Python.
"""

import ast
import inspect
import textwrap
import types
from collections.abc import Callable
from typing import Any

_OURS = "shared.features"
_SKIPPED = {"type_comment", "kind", "type_params", "returns", "annotation", "ctx"}


def meaning(function: Callable[..., Any]) -> str:
    """Return the canonical text of a function and of all that it uses."""
    found: dict[str, str] = {}
    _collect(function, found)
    return "\n".join(f"{name}={found[name]}" for name in sorted(found))


def normalised(source: str) -> str:
    """Return source text as a tree without docstrings, annotations, positions and comments."""
    return _text(ast.parse(textwrap.dedent(source)))


def _collect(function: Callable[..., Any], found: dict[str, str]) -> None:
    name = f"{function.__module__}.{function.__qualname__}"
    if name in found:
        return
    source = textwrap.dedent(inspect.getsource(function))
    found[name] = normalised(source)
    space = function.__globals__
    for used in sorted(_names(ast.parse(source))):
        if used not in space:
            continue
        value = space[used]
        if isinstance(value, types.FunctionType) and value.__module__.startswith(_OURS):
            _collect(value, found)
        elif isinstance(value, int | float | str | tuple):
            found[f"{function.__module__}.{used}"] = repr(value)


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _text(node: object) -> str:
    if isinstance(node, list):
        return "[" + ",".join(_text(item) for item in node) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = []
    for name, value in ast.iter_fields(node):
        if name in _SKIPPED or value is None or value == []:
            continue
        body = _without_docstring(value) if name == "body" and isinstance(value, list) else value
        fields.append(f"{name}={_text(body)}")
    return f"{type(node).__name__}({' '.join(fields)})"


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if is_text else body
