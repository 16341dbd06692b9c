"""Asks a service what its own OpenAPI document allows, and holds it to its answers."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, seed, settings
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection

Operation: TypeAlias = tuple[str, str]
Where: TypeAlias = FastAPI | str


def operations_of(where: Where) -> set[Operation]:
    """Return each method and path of a document."""
    schema = _schema(where)
    return {(method.upper(), path) for path in schema for method in schema[path]}


def holds_to_its_document(
    where: Where,
    operation: Operation,
    *,
    excluded: Sequence[Any] = (),
    headers: Mapping[str, str] | None = None,
    known: Mapping[str, str] | None = None,
    examples: int = 20,
) -> None:
    """Ask one operation: no server error, no undeclared status, no body outside of its schema.

    The fixed caller of these tests takes every request for its own, so that a missing token is
    accepted here; `tests/integration` asks who may. `known` names what exists in the path, which no
    generator would guess; then a refusal of something else that was mangled is not demanded.
    """
    method, path = operation
    schema = _schema(where)
    unchecked = [ignored_auth, *([negative_data_rejection] if known else []), *excluded]

    @seed(20260907)
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=schema[path][method].as_strategy())
    def answers(case: schemathesis.Case[Any]) -> None:
        case.path_parameters.update(known or {})
        case.call_and_validate(excluded_checks=unchecked, headers=dict(headers or {}))

    answers()


def _schema(where: Where) -> Any:
    if isinstance(where, str):
        return schemathesis.openapi.from_url(f"{where}/openapi.json", wait_for_schema=20)
    return schemathesis.openapi.from_asgi("/openapi.json", where)
