"""From matches to devices: the surest matches first, and never two contradicting serials in one device.

Source: docs/domains/intake.md, "Devices".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pilothouse.intake.rules import Serial, contradict

LARGEST: Final = 2000
"""A match that would make a device of more nodes than this is cut: n rows have n * (n - 1) / 2 pairs, and no device has so
many. What many share is set aside before (`intake.hubs`), so that only a long chain of matches comes to it."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A match between two nodes, as sure as its bits."""

    left: int
    right: int
    bits: float


@dataclass(frozen=True, slots=True)
class Cut:
    """A match that was not made, and why: it would have put contradicting serials, or too much, into one device."""

    edge: Edge
    reason: str


@dataclass(frozen=True, slots=True)
class Join:
    """Two groups of nodes that one match made into one, by the places of their nodes in `Clusters.order`.

    left and right are the nodes of the match; what it joined stands at left_start (left_nodes long) and right_start.
    """

    left: int
    right: int
    bits: float
    left_start: int
    left_nodes: int
    right_start: int
    right_nodes: int


@dataclass(slots=True)
class Clusters:
    """Devices as sets of nodes: each node's device is named by a node of it.

    order: the nodes in matches, so that those of each device, and of each group that was ever joined, stand together.
    joins: those that brought together pairs which no match joins. too_large: cuts for a device's size.
    """

    device: dict[int, int]
    cuts: list[Cut]
    order: list[int] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)
    largest: int = 0
    too_large: int = 0


def cluster(edges: Sequence[Edge], serials: Mapping[int, Serial], largest: int = LARGEST) -> Clusters:
    """Join nodes along the edges in their order, refusing each edge that would join contradicting serials.

    edges: the surest first; the order decides which of two contradicting joins stands. serials: of the nodes that
    have one. largest: nodes that one device may have. Nodes in no edge are devices of their own and are not named in the
    result.
    """
    forest = _Forest(serials, largest)
    cuts = []
    for edge in edges:
        if reason := forest.join(edge):
            cuts.append(Cut(edge, reason))
    device = {node: forest.root(node) for node in forest.parent}
    order = forest.laid_out()
    place = {node: at for at, node in enumerate(order)}
    joins = [Join(e.left, e.right, e.bits, place[a], n, place[b], m) for e, a, n, b, m in forest.joined]
    sizes = forest.size.values()
    return Clusters(device, cuts, order, joins, max(sizes, default=0), forest.refused)


class _Forest:
    """Union-find that remembers the serials of each device and, as a chain, the order in which its nodes came together."""

    def __init__(self, serials: Mapping[int, Serial], largest: int) -> None:
        self.parent: dict[int, int] = {}
        self.size: dict[int, int] = {}
        self.joined: list[tuple[Edge, int, int, int, int]] = []
        self.refused = 0
        self._given = serials
        self._largest = largest
        self._serials: dict[int, frozenset[Serial]] = {}
        self._first: dict[int, int] = {}
        self._last: dict[int, int] = {}
        self._next: dict[int, int] = {}

    def root(self, node: int) -> int:
        if node not in self.parent:
            self.parent[node] = self._first[node] = self._last[node] = node
            self.size[node] = 1
            self._serials[node] = frozenset([self._given[node]]) if node in self._given else frozenset()
            return node
        top = node
        while self.parent[top] != top:
            top = self.parent[top]
        while self.parent[node] != top:
            self.parent[node], node = top, self.parent[node]
        return top

    def join(self, edge: Edge) -> str:
        """Make one device of two, or return the reason that forbids it."""
        a, b = self.root(edge.left), self.root(edge.right)
        if a == b:
            return ""
        if clash := self._clash(a, b):
            return f"serials {clash[0].key} and {clash[1].key} of one maker contradict each other"
        if self.size[a] + self.size[b] > self._largest:
            self.refused += 1
            return f"more than {self._largest:,} rows would be one device"
        if self.size[a] + self.size[b] > 2:
            self.joined.append((edge, self._first[a], self.size[a], self._first[b], self.size[b]))
        self._next[self._last[a]] = self._first[b]
        first, last = self._first[a], self._last[b]
        if self.size[a] < self.size[b]:
            a, b = b, a
        self.parent[b] = a
        self.size[a] += self.size.pop(b)
        self._serials[a] |= self._serials.pop(b)
        self._first[a], self._last[a] = first, last
        return ""

    def _clash(self, a: int, b: int) -> tuple[Serial, Serial] | None:
        for one in self._serials[a] - self._serials[b]:
            for other in self._serials[b]:
                if contradict(one, other):
                    return one, other
        return None

    def laid_out(self) -> list[int]:
        """All nodes, device by device, along their chains."""
        order = []
        for top in self.size:
            node: int | None = self._first[top]
            while node is not None:
                order.append(node)
                node = self._next.get(node)
        return order
