"""The organisation tree: school, college, team."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from shared.auth.permission import Scope

Kind = Literal["school", "college", "team"]


@dataclass(frozen=True)
class Node:
    """One unit. Its id is opaque and travels in tokens and topics; its names stay here.

    `source` is the roster file that it came from.
    """

    id: str
    kind: Kind
    parent: str | None
    name_zh: str
    name_en: str
    is_active: bool = True
    source: str = ""


@dataclass(frozen=True)
class Place:
    """Where something belongs, from wide to narrow; an unknown level is empty."""

    school: str = ""
    college: str = ""
    team: str = ""

    def scope(self, student: str | None = None) -> Scope:
        return Scope(self.school or None, self.college or None, self.team or None, student)


NO_PLACE = Place()


class Tree:
    """The nodes by id, with the way up from each."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = {node.id: node for node in nodes}
        self._places = {node_id: self._climb(node_id) for node_id in self.nodes}

    def place(self, node_id: str) -> Place:
        """Return the place of a node; an unknown node has none."""
        return self._places.get(node_id, NO_PLACE)

    def get(self, node_id: str) -> Node | None:
        return self.nodes.get(node_id)

    def _climb(self, node_id: str) -> Place:
        found: dict[Kind, str] = {}
        step: str | None = node_id
        while step is not None and (node := self.nodes.get(step)) and node.kind not in found:
            found[node.kind] = node.id
            step = node.parent
        return Place(found.get("school", ""), found.get("college", ""), found.get("team", ""))
