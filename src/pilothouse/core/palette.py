"""The command palette: what all rooms find for a text, then the places one can go to; eight rows at most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from pilothouse.core import navigation, ports
from pilothouse.core.permissions import Viewer

MOST: Final = 8
GO_TO: Final = "Go to"
ICONS: Final = {
    "Equipment": "list",
    "Findings": "warn",
    "People": "person",
    "Advisories": "doc",
    GO_TO: "right",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the palette. title: with what matched in `mark`."""

    id: str
    url: str
    icon: str
    title: SafeString
    detail: str
    first: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one kind under their heading."""

    kind: str
    rows: tuple[Row, ...]


def found(viewer: Viewer, text: str, only: str = "") -> list[Group]:
    """What the palette shows for a text; without one, the places. only: a kind that it was refined to."""
    words = text.casefold().split()
    hits = list(ports.hits(viewer, text, MOST)) if words else []
    kinds: dict[str, list[ports.Hit]] = {}
    for hit in [*hits, *_places(viewer, words)]:
        if only in ("", hit.kind):
            kinds.setdefault(hit.kind, []).append(hit)
    shares = shared_out([len(of_kind) for of_kind in kinds.values()])
    groups, number = [], 0
    for (kind, of_kind), share in zip(kinds.items(), shares, strict=True):
        rows = []
        for hit in of_kind[:share]:
            rows.append(
                Row(
                    f"p{number}",
                    hit.url,
                    ICONS.get(kind, "list"),
                    marked(hit.title, words),
                    hit.detail,
                    number == 0,
                )
            )
            number += 1
        if rows:
            groups.append(Group(kind, tuple(rows)))
    return groups


def _places(viewer: Viewer, words: Sequence[str]) -> Iterable[ports.Hit]:
    for link in navigation.places(viewer):
        if all(word in link.text.casefold() for word in words):
            yield ports.Hit(GO_TO, link.text, f"g {link.key}" if link.key else "", link.url)


def shared_out(amounts: Sequence[int], most: int = MOST) -> list[int]:
    """How many rows each kind gets: two each first, then the rest in order."""
    shares = [0] * len(amounts)
    for upto in (2, most):
        for place, amount in enumerate(amounts):
            shares[place] += max(0, min(amount, upto, shares[place] + most - sum(shares)) - shares[place])
    return shares


def marked(title: str, words: Sequence[str]) -> SafeString:
    """The title as markup, with the first occurrence of each word marked."""
    folded = title.casefold()
    if len(folded) != len(title):
        return mark_safe(escape(title))  # noqa: S308 - escaped
    spans = sorted((at, at + len(word)) for word in words if word and (at := folded.find(word)) >= 0)
    parts, done = [], 0
    for start, end in spans:
        if start < done:
            continue
        parts += [escape(title[done:start]), "<mark>", escape(title[start:end]), "</mark>"]
        done = end
    return mark_safe("".join([*parts, escape(title[done:])]))  # noqa: S308 - escaped piece by piece
