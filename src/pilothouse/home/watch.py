"""What the helm's page and everybody's own page show, composed of what the rooms below know. Constant queries, whatever there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Max, Q, Sum, Value
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from pilothouse.core import clocks
from pilothouse.core.models import Facility, Job, Person, Unit
from pilothouse.core.permissions import Viewer
from pilothouse.core.pictures import Chart, Series, line
from pilothouse.equipment.models import EquipmentCount, Stage
from pilothouse.governance.findings import reads
from pilothouse.governance.models import Finding
from pilothouse.imports.models import Run
from pilothouse.imports.reads import sources
from pilothouse.intake import reviewing
from pilothouse.kernel.times import DAY, as_instant

OTHERS: Final = 11
WALL_LINES: Final = 7
WALL_SIDE: Final = 4
WEEKS: Final = 12
SEEN: Final = "helm_seen"
"""Where an account keeps since when it is told what changed, and when it last looked."""
ONE_LOOK: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Fleet:
    """The devices a viewer sees: how many stand, in how many units; by stage, those that are not in use or retired."""

    devices: int
    units: int
    unplaced: int
    stages: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Freshness:
    """A source and how old its newest list is."""

    key: str
    name: str
    as_of: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """A step of the way from two files to the first owned finding."""

    text: str
    page: str
    link: str
    done: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """The page of the one at the helm, and of everybody for what they may see."""

    figures: reads.Figures
    mine: reads.Waiting
    others: reads.Waiting
    axis: clocks.Axis
    changed: Sequence[reads.Changed]
    since: datetime
    holding: Sequence[reads.Holding]
    most_held: int
    fleet: Fleet
    fresh: Sequence[Freshness]
    chart: Chart | None
    way: Sequence[Begun]


def watch(viewer: Viewer, at: datetime, seen: datetime | None) -> Watch:
    """All of it. seen: when the viewer last looked; the last week where they never did."""
    since = seen or at - timedelta(days=7)
    mine, others = reads.waits_for(viewer, at), reads.waits_for_others(viewer, at, OTHERS)
    holding = reads.who_holds_what(viewer, at)
    return Watch(
        figures=reads.figures(viewer, at),
        mine=mine,
        others=others,
        axis=clocks.axis(at, [one.clock for one in (*mine.lines, *others.lines)]),
        changed=reads.what_changed(viewer, since, at),
        since=since,
        holding=holding,
        most_held=max((one.open for one in holding), default=0),
        fleet=fleet(viewer),
        fresh=freshness(viewer, at),
        chart=_weeks(viewer, at),
        way=way(viewer) if viewer.may("import_sources") else (),
    )


@dataclass(frozen=True, slots=True)
class Wall:
    """What a screen on a wall shows. more: how many questions wait besides `waits`."""

    at: datetime
    figures: reads.Figures
    waits: reads.Waiting
    more: int
    axis: clocks.Axis
    holding: Sequence[reads.Holding]
    changed: Sequence[reads.Changed]


def wall(viewer: Viewer, at: datetime) -> Wall:
    """Little enough to be read from five metres; nobody's looking is noted."""
    waits = reads.waits(viewer, at, WALL_LINES)
    return Wall(
        at=timezone.localtime(at),
        figures=reads.figures(viewer, at),
        waits=waits,
        more=waits.total - len(waits.lines),
        axis=clocks.axis(at, [one.clock for one in waits.lines]),
        holding=reads.who_holds_what(viewer, at)[:WALL_SIDE],
        changed=reads.what_changed(viewer, at - timedelta(days=1), at, WALL_SIDE),
    )


def fleet(viewer: Viewer) -> Fleet:
    """From the counts that every write keeps up: one query, and no walk over devices."""
    scope = viewer.scope("see_equipment")
    rows = EquipmentCount.objects.filter(scope.q(), n__gt=0).exclude(stage=Stage.RETIRED)
    told = rows.aggregate(
        devices=Sum("n"),
        units=Count("unit_id", distinct=True, filter=~Q(unit_id=0)),
        unplaced=Sum("n", filter=Q(unit_id=0)),
        **{f"s_{stage}": Sum("n", filter=Q(stage=stage)) for stage in _TOLD},
    )
    stages = tuple((stage, Stage(stage).label, told[f"s_{stage}"] or 0) for stage in _TOLD)
    return Fleet(told["devices"] or 0, told["units"], told["unplaced"] or 0, stages)


_TOLD: Final = ("in_use", "in_repair", "missing", "in_stock", "unknown")


def freshness(viewer: Viewer, at: datetime) -> list[Freshness]:
    """The sources, the one that was heard longest ago first; late after a fortnight."""
    rows = (
        sources(viewer)
        .annotate(heard=Max("runs__as_of", filter=Q(runs__state=Run.State.APPLIED)))
        .values_list("key", "name", "heard")
    )
    told = [
        Freshness(key, name, heard, heard is not None and at - heard > timedelta(days=14))
        for key, name, heard in rows
    ]
    return sorted(told, key=lambda one: (one.as_of is not None, one.as_of or at))


def _weeks(viewer: Viewer, at: datetime) -> Chart | None:
    """Open findings at the end of each of the last weeks, by severity; None while the house is younger than two."""
    ends = [at - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    first, week = as_instant(ends[0]), 7 * DAY
    amounts = {name: [0] * WEEKS for name in _SEVERITIES}
    rows = reads.visible(viewer).filter(closed_at__gt=first)
    # grouped by the ends between which each was open: one short answer, however many findings there are
    for rank, opened, closed, n in (
        rows.annotate(opened_by=_end("opened_at", first, week), closed_by=_end("closed_at", first, week))
        .values_list("severity", "opened_by", "closed_by")
        .annotate(n=Count("id"))
        .order_by()
    ):
        name = next(name for name, ranks in _SEVERITIES.items() if rank in ranks)
        for place in range(opened, min(closed, WEEKS)):
            amounts[name][place] += n
    if not sum(told[WEEKS - 2] for told in amounts.values()):
        return None
    series = [Series(name, tuple(map(float, told)), name if name != "other" else "", name == "other") for name, told in amounts.items()]  # fmt: skip
    return line(
        "Open findings",
        "at the end of each week, by severity",
        [f"{end.day} {end:%b}" for end in ends],
        series,
    )


def _end(field: str, first: int, week: int) -> Least:
    """The number of the first week's end that is not before an instant, at most `WEEKS`."""

    number = BigIntegerField()
    since = ExpressionWrapper((F(field) - Value(first - week + 1)) / Value(week), output_field=number)
    least = Greatest(since, Value(0, output_field=number), output_field=number)
    return Least(least, Value(WEEKS, output_field=number), output_field=number)


_SEVERITIES: Final = {"critical": (1,), "high": (2,), "other": (3, 4)}


def way(viewer: Viewer) -> tuple[Begun, ...]:
    """The way from two files to the first owned finding; empty once it is gone to its end. Four queries at most."""
    if Finding.objects.exists():
        return ()
    brought = set(
        Run.objects.filter(state=Run.State.APPLIED).values_list("source__target", flat=True).distinct()
    )
    lists = (
        Run.objects.filter(state=Run.State.APPLIED, source__target="equipment")
        .values("source")
        .distinct()
        .count()
    )
    return (
        Begun("Say who decides: import your chain of command, or begin with one person at the helm.", "source_list", "Add the source", "chain" in brought),
        Begun("Bring the CMMS export. It becomes the register.", "source_list", "Add the source", lists >= 1),
        Begun("Bring a second list, such as a network scan. What it says of the same device is joined.", "source_list", "Add the source", lists >= 2),
        Begun("Look at the pairs that the evidence leaves open.", "review", "Review links", lists >= 2 and not reviewing.open_pairs(viewer).exists()),
        Begun("Sync the advisories. What touches your devices becomes a finding, and finds its owner.", "advisory_list", "Sync now", False),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Work:
    """What one person has to do, and what they asked for."""

    figures: reads.Figures
    mine: reads.Waiting
    snoozed: reads.Waiting
    axis: clocks.Axis
    pairs: int
    jobs: Sequence[Job]
    roles: Sequence[str]


def work(viewer: Viewer, at: datetime) -> Work:
    """The viewer's own page."""
    mine = reads.waits_for(viewer, at, 200)
    return Work(
        figures=reads.figures(viewer, at),
        mine=mine,
        snoozed=reads.snoozed_of(viewer, at),
        axis=clocks.axis(at, [one.clock for one in mine.lines]),
        pairs=reviewing.waiting(viewer) if viewer.may_somewhere("review_links") else 0,
        jobs=list(Job.objects.filter(by=viewer.person).order_by("-pk")[:5]),
        roles=roles(viewer),
    )


def roles(viewer: Viewer) -> list[str]:
    """What the viewer is here, and where, in words: two queries at most."""
    facilities = dict(
        Facility.objects.filter(pk__in=[one.facility for one in viewer.held if one.facility]).values_list(
            "pk", "name"
        )
    )
    units = dict(
        Unit.objects.filter(pk__in=[one.unit for one in viewer.held if one.unit]).values_list("pk", "name")
    )
    told = []
    for one in viewer.held:
        where = facilities.get(one.facility or 0) or units.get(one.unit or 0) or "the whole system"
        told.append(f"{one.role.label}, {where}")
    return told


def last_seen(choices: Mapping[str, object]) -> datetime | None:
    """Since when an account is told what changed: its last look but the present one."""
    return _moments(choices)[0]


def note_seen(person: Person, at: datetime, choices: Mapping[str, object]) -> None:
    """Remember that the page was looked at. Within an hour it is one look, which goes on telling the same."""
    _, looked = _moments(choices)
    if looked is not None and at - looked < ONE_LOOK:
        return
    since = looked.isoformat() if looked else ""
    person.account.choices = {**choices, SEEN: [since, at.isoformat()]}
    person.account.save(update_fields=["choices"])


def _moments(choices: Mapping[str, object]) -> tuple[datetime | None, datetime | None]:
    told = choices.get(SEEN)
    texts = told if isinstance(told, list) and len(told) == 2 else ["", ""]
    since, looked = (_moment(str(text)) for text in texts)
    return since, looked


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
