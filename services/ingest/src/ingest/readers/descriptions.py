"""Feed descriptions and feed sets from YAML; what is wrong is told with file, line and key."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from pydantic import BaseModel, ValidationError

from ingest.domain.mapping_description import FeedDescription, FeedSet
from shared.kernel.errors import ConfigError

FEED_SET = "feed-set.yaml"
_MAX_BYTES = 256 * 1024
_MAX_DEPTH = 5
Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Loaded:
    """A YAML mapping and the place that each of its keys came from, as `file:line`."""

    values: dict[str, Any]
    places: Mapping[Place, str]


def load_description(file: Path) -> FeedDescription:
    """Read one feed description, with what it `extends`.

    Raises:
        ConfigError: names file, line and key of everything that is wrong.
    """
    loaded = _load(file)
    if "feed" not in loaded.values:
        raise ConfigError(file.name, "no key `feed`: this is a base for others, not a feed")
    return _validate(FeedDescription, loaded, file)


def load_feed_set(file: Path) -> tuple[FeedSet, list[FeedDescription]]:
    """Read a feed set and the descriptions that it names, which lie beside it."""
    feed_set = _validate(FeedSet, _load(file), file)
    return feed_set, [load_description(_beside(file, name)) for name in feed_set.feeds]


def load_all(folder: Path) -> Iterator[tuple[FeedSet, list[FeedDescription]]]:
    """Yield every feed set under a folder, in the order of their paths."""
    for file in sorted(folder.glob(f"*/{FEED_SET}")):
        yield load_feed_set(file)


def _validate(kind: type[Model], loaded: Loaded, file: Path) -> Model:
    try:
        return kind.model_validate(loaded.values)
    except ValidationError as error:
        faults = [_fault_text(fault, loaded, file) for fault in error.errors(include_input=False)]
        raise ConfigError("feed description", "; ".join(faults)) from None


def _fault_text(fault: Mapping[str, Any], loaded: Loaded, file: Path) -> str:
    place = tuple(part for part in fault["loc"] if part not in _UNION_TAGS)
    where = next(
        (loaded.places[place[:n]] for n in range(len(place), 0, -1) if place[:n] in loaded.places),
        f"{file.name}:1",
    )
    return f"{where}: {'.'.join(map(str, place)) or 'document'}: {fault['msg']}"


_UNION_TAGS = frozenset({"term", "posted", "epoch", "text"})


def _load(file: Path, depth: int = 0) -> Loaded:
    if depth > _MAX_DEPTH:
        raise ConfigError(file.name, f"`extends` more than {_MAX_DEPTH} deep, or in a circle")
    own = _parse(file)
    base_name = own.values.pop("extends", None)
    if base_name is None:
        return own
    if not isinstance(base_name, str):
        raise ConfigError(own.places["extends",], "extends: a file name is expected")
    return _merged(_load(_beside(file, base_name), depth + 1), own)


def _beside(file: Path, name: str) -> Path:
    if "/" in name or "\\" in name or name.startswith("."):
        raise ConfigError(file.name, f"{name!r} has to lie in the same folder")
    return file.parent / name


def _merged(base: Loaded, own: Loaded) -> Loaded:
    return Loaded(_merge(base.values, own.values), {**base.places, **own.places})


def _merge(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Join mappings key by key; anything else in `own` replaces what `base` says."""
    joined = dict(base)
    for key, value in own.items():
        old = joined.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        joined[key] = _merge(cast("dict[str, Any]", old), value) if both else value
    return joined


def _parse(file: Path) -> Loaded:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigError(file.name, f"cannot be read: {error.strerror}") from None
    if len(content) > _MAX_BYTES:
        raise ConfigError(file.name, f"larger than {_MAX_BYTES} bytes")
    try:
        root = yaml.compose(content.decode("utf-8-sig"), Loader=yaml.SafeLoader)
        values = yaml.safe_load(content.decode("utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ConfigError(file.name, f"not YAML: {_one_line(error)}") from None
    if not isinstance(root, yaml.MappingNode) or not isinstance(values, dict):
        raise ConfigError(f"{file.name}:1", "a mapping of keys is expected")
    places = {place: f"{file.name}:{line}" for place, line in _places(root, ())}
    return Loaded({str(key): value for key, value in values.items()}, places)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _places(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = (*place, str(key.value))
            yield below, key.start_mark.line + 1
            yield from _places(value, below)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield (*place, position), value.start_mark.line + 1
            yield from _places(value, (*place, position))
