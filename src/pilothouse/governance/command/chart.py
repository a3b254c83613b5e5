"""The chain of command drawn: a tree of posts with who holds them, for any valid moment and as recorded at any revision."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.urls import reverse

from pilothouse.core.errors import NotFound
from pilothouse.core.keeping import among
from pilothouse.core.models import Person
from pilothouse.core.permissions import Viewer
from pilothouse.core.words import counted, day, listed
from pilothouse.governance import models as m
from pilothouse.governance.command.seeing import seen_sql
from pilothouse.governance.findings.reads import visible
from pilothouse.governance.loading import Line, chain_zone, lines_of
from pilothouse.governance.recorded import recorded
from pilothouse.kernel.times import ALWAYS, as_datetime, as_instant

MOST_POSTS: Final = 150
"""Posts on one page; branches beyond are counted and lead to a page of their own."""


@dataclass(slots=True)
class Post:
    """One office as `kit/org.html` draws it. words: since when it is empty. more: how many posts of its
    branch are not drawn, and where they are."""

    id: int
    title: str
    url: str
    holder: str = ""
    me: bool = False
    helm: bool = False
    away: bool = False
    open: int = 0
    words: str = ""
    more: str = ""
    more_url: str = ""
    under: list[Post] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chart:
    """The tree from its top, and the figures of the whole chain that the viewer sees. shown: posts drawn."""

    top: Post
    positions: int
    empty: int
    away: int
    shown: int
    trail: tuple[tuple[str, str], ...]


def chart(viewer: Viewer, at: datetime, revision: int | None = None, top: int | None = None) -> Chart | None:
    """The tree valid at a moment, from the helm or from `top` down; None where there is no chain. Constant queries.

    Raises NotFound for a top that is not there or not the viewer's to see.
    """
    instant = as_instant(at)
    positions = lines_of(
        f'SELECT p.id, p.title, p.key, p.reports_to_id, p.helm, p.start, p."end" FROM {recorded(m.Position, revision)} p WHERE {seen_sql(viewer)} ORDER BY p.title, p.key'
    )
    if not positions:
        return None
    tree = _Tree(positions, instant)
    root = tree.root if top is None else top
    if root not in tree.there:
        raise NotFound("There is no such position on that day")
    shown = tree.from_top(root)
    people = _People(viewer, shown, instant, revision)
    empty, away = _figures(viewer, instant, revision)
    return Chart(
        top=_drawn(tree, root, set(shown), people, instant),
        positions=len(tree.there),
        empty=empty,
        away=away,
        shown=len(shown),
        trail=tuple(reversed([(tree.name(one), _branch(one)) for one in tree.above(root)])),
    )


class _Tree:
    """Positions of a moment by id. One whose superior has ended or is hidden hangs below the next that is there."""

    def __init__(self, positions: list[Line], at: int) -> None:
        self.rows = {line[0]: line for line in positions}
        self.there = [line[0] for line in positions if line[5] <= at < line[6] or line[4]]
        helm = next((line[0] for line in positions if line[4]), None)
        self.root = helm if helm is not None else self.there[0]
        present = set(self.there)
        self.under: defaultdict[int, list[int]] = defaultdict(list)
        for one in self.there:
            if one != self.root:
                self.under[self._superior(one, present)].append(one)

    def _superior(self, one: int, present: set[int]) -> int:
        above = self.rows[one][3]
        while above is not None and above not in present:
            above = self.rows[above][3] if above in self.rows else None
        return self.root if above is None else int(above)

    def name(self, one: int) -> str:
        """The title, else the key."""
        return str(self.rows[one][1] or self.rows[one][2])

    def above(self, one: int) -> list[int]:
        """Those above it, nearest first."""
        found = []
        while (one := self.rows[one][3]) is not None and one in self.rows:
            found.append(one)
        return found

    def from_top(self, root: int) -> list[int]:
        """As many posts as a page takes, level by level; a level below one post is drawn whole or not at all."""
        shown, waiting = [root], deque([root])
        while waiting:
            below = self.under.get(waiting.popleft(), [])
            if len(shown) + len(below) <= MOST_POSTS:
                shown += below
                waiting += below
        return shown

    def below(self, one: int) -> int:
        """How many posts hang below, all levels."""
        return sum(1 + self.below(under) for under in self.under.get(one, ()))


class _People:
    """Who holds the posts that are drawn, who deputises, who is away, and since when a post is empty."""

    def __init__(self, viewer: Viewer, posts: list[int], at: int, revision: int | None) -> None:
        one, ids = among(posts)
        appointed = lines_of(
            f'SELECT a.position_id, a.kind, h.id, h.name, h.key, a.start, a."end" FROM {recorded(m.Appointment, revision)} a '
            f"JOIN {recorded(Person, revision)} h ON h.id = a.person_id WHERE a.position_id {one} AND a.start <= %s "
            "ORDER BY CASE WHEN a.rank IS NULL THEN 1 ELSE 0 END, a.rank, a.start, a.turn, a.id",
            [ids, at],
        )
        self.holders = {line[0]: line for line in appointed if line[1] == "holder" and line[6] > at}
        self.deputies: defaultdict[int, list[str]] = defaultdict(list)
        self.emptied: dict[int, int] = {}
        for position, kind, _, name, key, _, end in appointed:
            if kind == "deputy" and end > at:
                self.deputies[position].append(name or key)
            elif kind == "holder" and end <= at:
                self.emptied[position] = max(end, self.emptied.get(position, ALWAYS))
        self.away = _away({line[2] for line in self.holders.values()}, at, revision)
        self.me = viewer.person.pk
        self.zone = chain_zone()
        found = visible(viewer).filter(~Q(state="resolved"), position__in=posts)
        self.open = dict(found.values_list("position").annotate(n=Count("id")).values_list("position", "n"))


def _away(people: set[int], at: int, revision: int | None) -> set[int]:
    one, ids = among(people)
    sql = f'SELECT person_id FROM {recorded(m.Absence, revision)} b WHERE person_id {one} AND start <= %s AND "end" > %s'
    return {line[0] for line in lines_of(sql, [ids, at, at])}


def _figures(viewer: Viewer, at: int, revision: int | None) -> tuple[int, int]:
    """Positions without a holder, and appointed people who are away, of all that the viewer sees."""
    held = f'SELECT 1 FROM {recorded(m.Appointment, revision)} a WHERE a.position_id = p.id AND a.start <= %s AND a."end" > %s'
    there = f'{recorded(m.Position, revision)} p WHERE p.start <= %s AND p."end" > %s AND {seen_sql(viewer)}'
    empty = lines_of(
        f"SELECT COUNT(*) FROM {there} AND NOT EXISTS ({held} AND a.kind = 'holder')", [at, at, at, at]
    )
    away = lines_of(
        f'SELECT COUNT(DISTINCT b.person_id) FROM {recorded(m.Absence, revision)} b WHERE b.start <= %s AND b."end" > %s AND EXISTS '
        f"(SELECT 1 FROM {there} AND EXISTS ({held} AND a.person_id = b.person_id))",
        [at, at, at, at, at, at],
    )
    return int(empty[0][0]), int(away[0][0])


def _branch(position: int) -> str:
    return f"{reverse('chain_page')}?top={position}"


def _drawn(tree: _Tree, one: int, shown: set[int], people: _People, at: int) -> Post:
    under = [two for two in tree.under.get(one, []) if two in shown]
    hidden = tree.below(one) if not under else 0
    holder: Any = people.holders.get(one)  # Any: a line of an answer
    post = Post(one, tree.name(one), reverse("position_page", args=[one]), helm=one == tree.root)
    if holder is not None:
        post.holder = holder[3] or holder[4]
        post.me, post.away = holder[2] == people.me, holder[2] in people.away
        if post.away:
            post.title += ", away"
    else:
        post.words = f"empty{_since(people.emptied.get(one), at, people.zone)}"
    if deputies := people.deputies.get(one):
        told = f"{'deputy' if len(deputies) == 1 else 'deputies'} {listed(deputies)}"
        if holder is not None:
            post.title += f", {told}"
        else:
            post.words += f", {told}"
    post.open = people.open.get(one, 0)
    post.under = [_drawn(tree, two, shown, people, at) for two in under]
    if hidden:
        post.more, post.more_url = f"{counted(hidden, 'post')} below", _branch(one)
    return post


def _since(ended: int | None, at: int, zone: ZoneInfo) -> str:
    """` since 2 Nov`, by the chain's clock."""
    if ended is None:
        return ", never held"
    today = as_datetime(at, zone).date()
    return f" since {day(as_datetime(ended, zone).date(), today).partition(' ')[2]}"
