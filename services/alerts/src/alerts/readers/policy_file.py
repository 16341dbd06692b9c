"""Policy YAML to `Policy`: every fault is named with file, line, key and what is expected."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

import yaml

from alerts.domain.alert import LEVELS, TIERS
from alerts.domain.policy import (
    Band,
    Escalation,
    LevelPolicy,
    Policy,
    SilencePolicy,
    TierPolicy,
)
from shared.auth.actor import Role
from shared.contracts.alert import Level, Tier
from shared.kernel.errors import ConfigError

_FORMAT = 1
_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"^(\d{1,6})(s|min|h|d)$")
_BANDED: tuple[Level, ...] = ("blue", "yellow", "orange")
_TOLD: tuple[Level, ...] = (*_BANDED, "red")
_SEES = {
    "school": {"level", "reason", "rule", "coverage", "history"},
    "college": {"level", "reason", "coverage", "history"},
    "team": {"request"},
}
_NOBODY: tuple[str, ...] = ()
_MAX_BYTES = 256 * 1024
T = TypeVar("T")


@dataclass
class Faults:
    """What is wrong, in the order of the file."""

    file: str
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, key: str, what: str) -> None:
        self.found.append((line, f"{self.file}:{line}: {key}: {what}"))

    def lines(self) -> list[str]:
        return [text for _, text in sorted(self.found)]


def load_policy(file: Path) -> Policy:
    """Read and validate a policy.

    Raises:
        ConfigError: names each fault.
    """
    policy, faults = check_policy(file)
    if policy is None:
        raise ConfigError("policy", "\n  ".join(faults))
    return policy


def check_policy(file: Path) -> tuple[Policy | None, list[str]]:
    """Return the policy, or None and what is wrong with it, a line a fault."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        return None, [f"{file.name}: cannot be read: {error.strerror}"]
    return parse_policy(raw, file.name)


def parse_policy(raw: bytes, name: str) -> tuple[Policy | None, list[str]]:
    """Parse the bytes of a policy file."""
    faults = Faults(name)
    if len(raw) > _MAX_BYTES:
        return None, [f"{name}: larger than {_MAX_BYTES} bytes"]
    try:
        root = yaml.compose(raw.decode(), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        return None, [f"{name}:{line}: not YAML: {getattr(error, 'problem', None) or error}"]
    if not isinstance(root, yaml.MappingNode):
        return None, [f"{name}:1: expected a mapping of keys"]
    policy = _policy(_Section(root, "", faults), hashlib.sha256(raw).hexdigest())
    return (None, faults.lines()) if faults.found else (policy, [])


class _Section:
    """A mapping of the file: keys are taken one by one, what is left over is a fault."""

    def __init__(self, node: yaml.MappingNode, path: str, faults: Faults) -> None:
        self.path = path
        self.faults = faults
        self.line = node.start_mark.line + 1
        self._nodes: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in self._nodes:
                faults.add(key.start_mark.line + 1, self._at(name), "is given twice")
            self._nodes[name] = value

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self._nodes)

    def take(self, key: str, read: Callable[[yaml.Node], T], default: T | None = None) -> T | None:
        """Read one key; a fault is noted and gives the default."""
        node = self._nodes.pop(key, None)
        if node is None:
            if default is None:
                self.faults.add(self.line, self._at(key), "is missing")
            return default
        try:
            return read(node)
        except ValueError as error:
            self.faults.add(node.start_mark.line + 1, self._at(key), str(error))
            return default

    def section(self, key: str) -> "_Section | None":
        node = self._nodes.pop(key, None)
        if isinstance(node, yaml.MappingNode):
            return _Section(node, self._at(key), self.faults)
        line = node.start_mark.line + 1 if node else self.line
        self.faults.add(line, self._at(key), "expected a mapping" if node else "is missing")
        return None

    def sections(self, key: str) -> list["_Section"]:
        """Read an optional list of mappings."""
        node = self._nodes.pop(key, None)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode) or not all(
            isinstance(each, yaml.MappingNode) for each in node.value
        ):
            self.faults.add(node.start_mark.line + 1, self._at(key), "expected a list of mappings")
            return []
        return [
            _Section(each, f"{self._at(key)}[{i}]", self.faults)
            for i, each in enumerate(node.value)
        ]

    def fault(self, key: str, what: str) -> None:
        self.faults.add(self.line, self._at(key), what)

    def close(self) -> None:
        """Note keys that nobody asked for: a misspelt key must not be ignored."""
        for key, node in self._nodes.items():
            self.faults.add(node.start_mark.line + 1, self._at(key), "is not a key of the policy")


def _value(node: yaml.Node) -> Any:  # noqa: ANN401 - whatever YAML holds
    return yaml.SafeLoader("").construct_object(node, deep=True)


def _number(low: float, high: float) -> Callable[[yaml.Node], float]:
    def read(node: yaml.Node) -> float:
        value = _value(node)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not low <= value <= high
        ):
            raise ValueError(f"expected a number from {low:g} to {high:g}")
        return float(value)

    return read


def _text(node: yaml.Node) -> str:
    value = _value(node)
    if not isinstance(value, str) or not value.strip() or len(value) > 200:  # noqa: PLR2004
        raise ValueError("expected text of 1 to 200 characters")
    return value


def _flag(node: yaml.Node) -> bool:
    value = _value(node)
    if not isinstance(value, bool):
        raise ValueError("expected true or false")  # noqa: TRY004 - one kind of fault
    return value


def _duration(node: yaml.Node) -> timedelta:
    match = _DURATION.match(str(_value(node)))
    if match is None:
        raise ValueError("expected a duration such as 15min, 4h or 3d")
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def _one_of(allowed: Iterable[str]) -> Callable[[yaml.Node], str]:
    choices = tuple(allowed)

    def read(node: yaml.Node) -> str:
        value = _value(node)
        if value not in choices:
            raise ValueError(f"expected one of {', '.join(choices)}")
        return str(value)

    return read


def _list_of(allowed: Iterable[str] | None = None) -> Callable[[yaml.Node], tuple[str, ...]]:
    choices = None if allowed is None else tuple(allowed)

    def read(node: yaml.Node) -> tuple[str, ...]:
        value = _value(node)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise ValueError("expected a list of words")
        for each in value:
            if choices is not None and each not in choices:
                raise ValueError(f"{each!r} is not one of {', '.join(choices)}")
        return tuple(dict.fromkeys(value))

    return read


def _names(node: yaml.Node) -> Mapping[str, str]:
    value = _value(node)
    if not isinstance(value, dict) or set(value) != {"zh", "en"}:
        raise ValueError("expected a name in zh and one in en")
    return {key: str(text) for key, text in value.items()}


def _approver(node: yaml.Node) -> str:
    value = _value(node)
    return "" if value is None else _text(node)


def _policy(root: _Section, digest: str) -> Policy | None:
    number = root.take("format", _number(1, 99))
    if number is not None and number != _FORMAT:
        root.fault("format", f"this program reads format {_FORMAT}")
    version = root.take("version", _text)
    approver = root.take("approved_by", _approver, "")
    bands = _bands(root.section("bands"))
    silence = _silence(root.section("silence"))
    levels = _levels(root.section("levels"))
    tiers = _tiers(root.section("tiers"))
    reviews = root.take("clean_reviews_to_fall", _number(2, 20), 2.0)
    answered = root.take("answered_for", _duration, timedelta(days=28))
    noted = root.take("note_every", _duration, timedelta(days=1))
    clock = root.take("red_clock", _duration, timedelta(minutes=15))
    silent: tuple[str, ...] | None = root.take("silent", _list_of(), _NOBODY)
    second: tuple[str, ...] | None = root.take("second_verdicts", _list_of(), _NOBODY)
    root.close()
    if root.faults.found or silence is None:
        return None
    return Policy(
        version=version or "",
        approved_by=approver or None,
        bands=bands,
        levels=levels,
        tiers=tiers,
        silence=silence,
        clean_reviews_to_fall=int(reviews or 2),
        answered_for=answered or timedelta(days=28),
        note_every=noted or timedelta(days=1),
        red_clock=clock or timedelta(minutes=15),
        silent=frozenset(silent or ()),
        second_verdicts=frozenset(second or ()),
        digest=digest,
    )


def _bands(section: _Section | None) -> dict[Level, Band]:
    if section is None:
        return {}
    bands: dict[Level, Band] = {}
    below = 0.0
    for name in section.keys:
        if name in ("none", "red"):
            section.fault(name, "has no threshold: red is set by people, none is the absence")
        elif name not in _BANDED:
            section.fault(name, f"is not a level; expected {', '.join(_BANDED)}")
    for level in _BANDED:
        inner = section.section(level)
        if inner is None:
            continue
        rise = inner.take("rise_at", _number(0, 1)) or 0.0
        fall = inner.take("fall_below", _number(0, 1)) or 0.0
        sustained = inner.take("sustained", _duration, timedelta(0)) or timedelta(0)
        inner.close()
        if fall > rise:
            inner.fault("fall_below", "is above rise_at: a level would flap")
        if rise <= below:
            inner.fault("rise_at", "is not above the level before")
        below = rise
        bands[level] = Band(rise, fall, sustained)
    _drop_known_faults(section)
    return bands


def _drop_known_faults(section: _Section) -> None:
    """Forget keys that were refused by name already."""
    for key in section.keys:
        section.take(key, lambda _node: True, default=True)


def _silence(section: _Section | None) -> SilencePolicy | None:
    if section is None:
        return None
    indicators = section.take("indicators", _list_of()) or ()
    levels = _silent_levels(section.section("levels"))
    section.close()
    return SilencePolicy(frozenset(indicators), levels)


def _silent_levels(section: _Section | None) -> dict[Level, float]:
    if section is None:
        return {}
    found: dict[Level, float] = {}
    for level in _BANDED:
        days = section.take(level, _number(1, 365), default=-1.0)
        if days is not None and days > 0:
            found[level] = days
    section.close()
    return found


def _levels(section: _Section | None) -> dict[Level, LevelPolicy]:
    if section is None:
        return {}
    found: dict[Level, LevelPolicy] = {}
    for level in _TOLD:
        inner = section.section(level)
        if inner is not None:
            found[level] = _level(inner, level)
    for key in section.keys:
        section.fault(key, f"is not a level; expected one of {', '.join(LEVELS[1:])}")
    _drop_known_faults(section)
    return found


def _level(section: _Section, level: Level) -> LevelPolicy:
    tiers = cast("tuple[Tier, ...]", section.take("tiers", _list_of(TIERS)) or ())
    if not tiers:
        section.fault("tiers", "nobody would be told")
    expires = section.take("expires_after", _duration, timedelta(0))
    if expires and level != "blue":
        section.fault("expires_after", "only blue ends by itself")
    delivery = section.take("delivery", _one_of(("at_once", "digest")), "at_once")
    quiet = section.take("quiet_hours", _one_of(("hold", "bypass")), "bypass")
    if level == "red" and (delivery != "at_once" or quiet != "bypass"):
        section.fault("delivery", "red waits for nothing: at_once, and bypass of quiet hours")
    policy = LevelPolicy(
        names=section.take("names", _names) or {},
        tiers=tiers,
        delivery="digest" if delivery == "digest" else "at_once",
        quiet_hours="hold" if quiet == "hold" else "bypass",
        acknowledge_within=section.take("acknowledge_within", _duration) or timedelta(0),
        contact_within=section.take("contact_within", _duration) or timedelta(0),
        review_every=section.take("review_every", _duration) or timedelta(0),
        expires_after=expires or None,
        escalation=tuple(_escalation(each) for each in section.sections("escalation")),
    )
    section.close()
    return policy


def _escalation(section: _Section) -> Escalation:
    step = Escalation(
        after=section.take("after", _duration) or timedelta(0),
        to=cast("Tier", section.take("to", _one_of(TIERS)) or "school"),
        by_phone=bool(section.take("by_phone", _flag, default=False)),
    )
    section.close()
    return step


def _tiers(section: _Section | None) -> dict[Tier, TierPolicy]:
    if section is None:
        return {}
    found: dict[Tier, TierPolicy] = {}
    for tier in TIERS:
        inner = section.section(tier)
        if inner is None:
            continue
        found[tier] = TierPolicy(
            roles=inner.take("roles", _list_of(get_args(Role))) or (),
            sees=inner.take("sees", _list_of(sorted(_SEES[tier]))) or (),
            bypass_in_conflict=inner.take("bypass_in_conflict", _flag, default=True) is not False,
        )
        inner.close()
    section.close()
    return found
