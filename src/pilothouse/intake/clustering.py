"""From matches to devices: the surest matches first, and never two contradicting serials in one device.

Source: docs/domains/intake.md, "Devices".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pilothouse.intake.rules import Serial, contradict

CLOSED_UP_TO: Final = 200
"""A device of more nodes than this lists only the pairs that joined it: n rows have n * (n - 1) / 2 pairs."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A match between two nodes, as sure as its bits."""

    left: int
    right: int
    bits: float


@dataclass(frozen=True, slots=True)
class Cut:
    """A match that was not made, since it would have put two contradicting serials into one device."""

    edge: Edge
    one: Serial
    other: Serial


@dataclass(frozen=True, slots=True)
class Via:
    """Two nodes of one device that nothing joins directly: the node next to the first on the way to the second."""

    left: int
    right: int
    via: int
    bits: float


@dataclass(slots=True)
class Clusters:
    """Devices as sets of nodes: each node's device is named by a node of it."""

    device: dict[int, int]
    cuts: list[Cut]
    vias: list[Via] = field(default_factory=list)
    largest: int = 0


def cluster(edges: Sequence[Edge], serials: Mapping[int, Serial]) -> Clusters:
    """Join nodes along the edges in their order, refusing each edge that would join contradicting serials.

    edges: the surest first; the order decides which of two contradicting joins stands. serials: of the nodes that
    have one. Nodes in no edge are devices of their own and are not named in the result.
    """
    forest = _Forest(serials)
    cuts = []
    for edge in edges:
        if clash := forest.join(edge):
            cuts.append(Cut(edge, *clash))
    device = {node: forest.root(node) for node in forest.parent}
    members: dict[int, list[int]] = {}
    for node, root in device.items():
        members.setdefault(root, []).append(node)
    direct = {(e.left, e.right) for e in edges}
    vias = [
        via for nodes in members.values() if len(nodes) > 2 for via in _closing(nodes, forest.tree, direct)
    ]
    return Clusters(device, cuts, vias, max(map(len, members.values()), default=0))


class _Forest:
    """Union-find that remembers the serials of each device and the edges that made it."""

    def __init__(self, serials: Mapping[int, Serial]) -> None:
        self.parent: dict[int, int] = {}
        self.tree: dict[int, list[tuple[int, float]]] = {}
        self._given = serials
        self._serials: dict[int, frozenset[Serial]] = {}
        self._size: dict[int, int] = {}

    def root(self, node: int) -> int:
        if node not in self.parent:
            self.parent[node] = node
            self._size[node] = 1
            self._serials[node] = frozenset([self._given[node]]) if node in self._given else frozenset()
            return node
        top = node
        while self.parent[top] != top:
            top = self.parent[top]
        while self.parent[node] != top:
            self.parent[node], node = top, self.parent[node]
        return top

    def join(self, edge: Edge) -> tuple[Serial, Serial] | None:
        """Make one device of two, or return the two serials that forbid it."""
        a, b = self.root(edge.left), self.root(edge.right)
        if a == b:
            return None
        for one in self._serials[a] - self._serials[b]:
            for other in self._serials[b]:
                if contradict(one, other):
                    return one, other
        if self._size[a] < self._size[b]:
            a, b = b, a
        self.parent[b] = a
        self._size[a] += self._size.pop(b)
        self._serials[a] |= self._serials.pop(b)
        self.tree.setdefault(edge.left, []).append((edge.right, edge.bits))
        self.tree.setdefault(edge.right, []).append((edge.left, edge.bits))
        return None


def _closing(
    nodes: Sequence[int], tree: Mapping[int, Sequence[tuple[int, float]]], direct: set[tuple[int, int]]
) -> Iterator[Via]:
    """The pairs of a device that no edge joins, each with its way through the tree of edges that do."""
    if len(nodes) > CLOSED_UP_TO:
        return
    for start in sorted(nodes):
        reached: dict[int, tuple[int, float]] = {start: (start, float("inf"))}
        queue = deque([start])
        while queue:
            here = queue.popleft()
            via, bits = reached[here]
            for following, weight in tree[here]:
                if following not in reached:
                    reached[following] = (following if here == start else via, min(bits, weight))
                    queue.append(following)
        for end, (via, bits) in reached.items():
            if start < end and (start, end) not in direct:
                yield Via(start, end, via, bits)
