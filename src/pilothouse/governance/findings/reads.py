"""What others read of findings: what waits for whom, who holds what, what changed. Each at a constant number of queries.

The viewer's part of the house stands in every query. Owners are brought up to the moment first (`owners.catch_up`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery

from pilothouse.core import words
from pilothouse.core.permissions import Viewer
from pilothouse.governance.findings.lines import RELATED, Line, label, line_of, sure
from pilothouse.governance.findings.owners import catch_up
from pilothouse.governance.findings.seeing import seen_q, seen_sql
from pilothouse.governance.models import Finding, Ownership
from pilothouse.kernel.times import as_instant

UNRESOLVED: Final = Q(state__in=("open", "snoozed"))
RUNNING: Final = Q(state="open")
MOST_COUNTED: Final = 10_000


def visible(viewer: Viewer) -> QuerySet[Any]:
    """The findings a viewer may see. `Any`: Django has no types."""
    return Finding.objects.filter(seen_q(viewer))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Some lines of a longer list, nearest deadline first, and how many there are in all."""

    lines: Sequence[Line]
    total: int


def waits_for(viewer: Viewer, at: datetime, limit: int = 50) -> Waiting:
    """Open findings that the viewer owns; what is snoozed does not wait."""
    catch_up(at)
    return _waiting(visible(viewer).filter(RUNNING, owner=viewer.person), viewer, at, limit)


def snoozed_of(viewer: Viewer, at: datetime, limit: int = 50) -> Waiting:
    """What the viewer owns and has put off, by the day it comes back."""
    found = visible(viewer).filter(state="snoozed", owner=viewer.person)
    return _waiting(found, viewer, at, limit, by="snoozed_until")


def waits(viewer: Viewer, at: datetime, limit: int = 12) -> Waiting:
    """Open findings, whoever owns them."""
    catch_up(at)
    return _waiting(visible(viewer).filter(RUNNING), viewer, at, limit)


def waits_for_others(viewer: Viewer, at: datetime, limit: int = 12) -> Waiting:
    """Open findings that others own."""
    catch_up(at)
    return _waiting(visible(viewer).filter(RUNNING).exclude(owner=viewer.person), viewer, at, limit)


def _waiting(found: QuerySet[Any], viewer: Viewer, at: datetime, limit: int, by: str = "due_at") -> Waiting:
    ids = list(found.order_by(by, "id").values_list("id", flat=True)[: limit + 1])
    total = len(ids) if len(ids) <= limit else found.count()
    whole = Finding.objects.select_related(*RELATED).in_bulk(ids[:limit])
    return Waiting([line_of(whole[number], viewer, at) for number in ids[:limit]], total)


@dataclass(frozen=True, slots=True)
class Holding:
    """How much somebody holds: what is open, and what of that is overdue."""

    person: int
    name: str
    post: str
    open: int
    overdue: int
    me: bool
    helm: bool


def who_holds_what(viewer: Viewer, at: datetime, most: int = 10) -> list[Holding]:
    """Who owns how much of what the viewer sees, most first. Two queries."""
    now = as_instant(at)
    rows = list(
        visible(viewer)
        .filter(RUNNING)
        .values("owner_id")
        .annotate(open=Count("id"), overdue=Count("id", filter=Q(due_at__lte=now)), one=Min("id"))
        .order_by("-open", "owner_id")[:most]
    )
    ones = Finding.objects.select_related("owner", "position").in_bulk([row["one"] for row in rows])
    return [_holding(ones[row["one"]], row["open"], row["overdue"], viewer) for row in rows]


def _holding(one: Any, every: int, overdue: int, viewer: Viewer) -> Holding:
    """What the owner of one finding holds. `Any`: a model's row."""
    return Holding(
        person=one.owner_id,
        name=str(one.owner),
        post="" if one.position is None else str(one.position),
        open=every,
        overdue=overdue,
        me=one.owner_id == viewer.person.pk,
        helm=one.basis == "helm" or (one.position is not None and one.position.helm),
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of an opening sentence. soon: running out within `SOON`; climbed: of `mine`, those that another office passed on."""

    open: int
    owners: int
    mine: int
    climbed: int
    overdue: int
    overdue_mine: int
    soon: int
    snoozed: int


SOON: Final = timedelta(days=7)


def figures(viewer: Viewer, at: datetime) -> Figures:
    """How many findings are open, whose, and how late: two queries over indexes."""
    now, soon = as_instant(at), as_instant(at + SOON)
    me, seen = viewer.person.pk, seen_sql(viewer, "f")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT COUNT(CASE WHEN f.state = 'open' THEN 1 END), COUNT(DISTINCT CASE WHEN f.state = 'open' THEN f.owner_id END),
                COUNT(CASE WHEN f.state = 'open' AND f.owner_id = %s THEN 1 END),
                COUNT(CASE WHEN f.state = 'open' AND f.due_at <= %s THEN 1 END),
                COUNT(CASE WHEN f.state = 'open' AND f.due_at <= %s AND f.owner_id = %s THEN 1 END),
                COUNT(CASE WHEN f.state = 'open' AND f.due_at > %s AND f.due_at <= %s THEN 1 END),
                COUNT(CASE WHEN f.state = 'snoozed' THEN 1 END)
            FROM governance_finding f WHERE f.state IN ('open', 'snoozed') AND {seen}
            """,
            [me, now, now, me, now, soon],
        )
        every, owners, mine, overdue, overdue_mine, soon, snoozed = cursor.fetchone()
        cursor.execute(
            f"SELECT COUNT(*) FROM governance_finding f WHERE f.owner_id = %s AND f.state = 'open' AND f.basis = 'chain' AND {_CLIMBED} AND {seen}",
            [me],
        )
        (climbed,) = cursor.fetchone()
    return Figures(every, owners, mine, climbed, overdue, overdue_mine, soon, snoozed)


_CLIMBED: Final = (
    "EXISTS (SELECT 1 FROM governance_ownership o WHERE o.finding_id = f.id AND o.\"end\" = f.owned_from AND o.basis = 'chain'"
    " AND o.person_id <> f.owner_id)"
)
"""The chain named somebody else until the present owner got it."""


def counts(viewer: Viewer) -> Mapping[str, int]:
    """For the navigation: open findings, and the viewer's own, each counted up to ten thousand. One query."""
    found = f"SELECT 1 FROM governance_finding WHERE state = 'open' AND {seen_sql(viewer)}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (SELECT COUNT(*) FROM ({found} LIMIT {MOST_COUNTED}) a),"
            f" (SELECT COUNT(*) FROM ({found} AND owner_id = %s LIMIT {MOST_COUNTED}) b)",
            [viewer.person.pk],
        )
        every, mine = cursor.fetchone()
    return {"finding_list": every, "my_work": mine}


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that changed, in words. kind: as a timeline draws it (owner, breach)."""

    at: datetime
    text: str
    url: str = ""
    kind: str = ""


def what_changed(viewer: Viewer, since: datetime, at: datetime, most: int = 12) -> list[Changed]:
    """What was opened, settled or changed hands, and which clocks ran out, since a moment; newest first. Four queries."""
    told = [
        *_opened(viewer, since, at, most),
        *_handed(viewer, since, at, most),
        *_settled(viewer, since, at, most),
        *_ran_out(viewer, since, at, most),
    ]
    return sorted(told, key=lambda one: one.at, reverse=True)[:most]


def _between(name: str, since: datetime, at: datetime) -> Q:
    return Q(**{f"{name}__gt": as_instant(since), f"{name}__lte": as_instant(at)})


def _opened(viewer: Viewer, since: datetime, at: datetime, most: int) -> list[Changed]:
    rows = (
        visible(viewer)
        .filter(_between("opened_at", since, at))
        .values("opened_at", "kind")
        .annotate(n=Count("id"), first=Min("id"), title=Min("title"))
        .order_by("-opened_at", "kind")[:most]
    )
    return [
        Changed(sure(row["opened_at"]), f"Opened: {row['title']}", f"/findings/{row['first']}/")
        if row["n"] == 1
        else Changed(
            sure(row["opened_at"]),
            f"{words.count(row['n'])} findings opened: {label(row['kind']).lower()}",
            f"/findings/?kind={row['kind']}",
        )
        for row in rows
    ]


def _handed(viewer: Viewer, since: datetime, at: datetime, most: int) -> list[Changed]:
    before = Ownership.objects.filter(finding=OuterRef("finding"), end=OuterRef("start")).exclude(
        person=OuterRef("person")
    )
    rows = (
        Ownership.objects.filter(_between("start", since, at), finding__in=visible(viewer).values("id"))
        .annotate(was=Subquery(before.values("person__name")[:1]))
        .filter(was__isnull=False)
        .values("start", "person__name", "was", "basis", "person_id")
        .annotate(n=Count("id"), first=Min("finding"), title=Min("finding__title"))
        .order_by("-start", "person_id")[:most]
    )
    told = []
    for row in rows:
        to, was = row["person__name"], row["was"]
        how = "was given" if row["basis"] == "assigned" else "answers now for"
        if row["n"] == 1:
            text, url = f"{to} {how} what {was} held: {row['title']}", f"/findings/{row['first']}/"
        else:
            text, url = (
                f"{to} {how} {words.count(row['n'])} findings that {was} held",
                f"/findings/?owner={row['person_id']}",
            )
        told.append(Changed(sure(row["start"]), text, url, "owner"))
    return told


def _settled(viewer: Viewer, since: datetime, at: datetime, most: int) -> list[Changed]:
    rows = (
        visible(viewer)
        .filter(_between("closed_at", since, at), state="resolved")
        .values("closed_at", "kind", "reason")
        .annotate(n=Count("id"), first=Min("id"), title=Min("title"))
        .order_by("-closed_at", "kind")[:most]
    )
    return [
        Changed(sure(row["closed_at"]), f"Resolved: {row['title']}", f"/findings/{row['first']}/")
        if row["n"] == 1
        else Changed(
            sure(row["closed_at"]),
            f"{words.count(row['n'])} findings resolved: {row['reason'] or label(row['kind']).lower()}",
            f"/findings/?kind={row['kind']}&state=resolved",
        )
        for row in rows
    ]


def _ran_out(viewer: Viewer, since: datetime, at: datetime, most: int) -> list[Changed]:
    rows = (
        visible(viewer)
        .filter(_between("due_at", since, at), RUNNING)
        .select_related("owner")
        .order_by("-due_at")
    )
    return [
        Changed(
            sure(row.due_at), f"The time ran out: {row.title} ({row.owner})", f"/findings/{row.id}/", "breach"
        )
        for row in rows[:most]
    ]
