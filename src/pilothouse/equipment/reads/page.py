"""The page of one device: what it is, who says so, and what happened to it. Constant queries, whatever its past."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from django.db.models import Count, Min
from django.urls import reverse

from pilothouse.core import words
from pilothouse.core.models import Attachment, Revision
from pilothouse.core.permissions import Viewer
from pilothouse.equipment import ports
from pilothouse.equipment.claims import HAND, LIST, Decided, decide
from pilothouse.equipment.fields import grouped
from pilothouse.equipment.models import DeviceModel, EquipmentPast, Redirect, Room, Stage
from pilothouse.equipment.ports import Knot, Moment, PanelBlock
from pilothouse.equipment.reads import history, versions
from pilothouse.equipment.reads.history import SetBy
from pilothouse.equipment.reads.rooms import room_of
from pilothouse.equipment.reads.versions import Version
from pilothouse.imports.fields import Field

LATEST: Final = 12
"""Moments of the timeline on the page; the history has them all."""
MONO: Final = frozenset({"identifier", "many", "version"})
STOPS: Final = ("sources", "register", "finding", "owner", "decision", "work", "evidence")
GROUP_NOTES: Final = {
    "Identity": "what each source claims, and which claim won",
    "Network": "every interface by its addresses",
    "Place": "where it stands and who looks after it",
    "Life": "from purchase to retirement",
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A source and what became of its claim. value: what it said, when it lost."""

    name: str
    claim: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Saying:
    """One claim in full, behind the rule."""

    source: str
    key: str
    value: str
    seen: str
    state: str
    rule: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field as the page shows it. parts: a list's values, or the one value; code: letters that are compared one by one."""

    name: str
    label: str
    parts: tuple[str, ...]
    code: bool
    rule: str
    badges: tuple[Badge, ...] = ()
    sayings: tuple[Saying, ...] = ()
    hidden: bool = False

    @property
    def alone(self) -> Saying | None:
        """The one claim of a field of which there is only one."""
        return self.sayings[0] if len(self.sayings) == 1 else None


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one title."""

    title: str
    note: str
    fields: tuple[FieldView, ...]

    @property
    def told(self) -> list[FieldView]:
        """Fields of which anything is said, and those that are hidden."""
        return [one for one in self.fields if one.parts or one.sayings or one.hidden]

    @property
    def untold(self) -> str:
        """The fields of which nothing is known, in words."""
        return ", ".join(
            one.label.lower() if not one.label.isupper() else one.label
            for one in self.fields
            if one not in self.told
        )


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of the thread as the kit draws it."""

    name: str
    value: str
    step: str
    link: str = ""


@dataclass(slots=True)
class DevicePage:
    """All that the template draws."""

    id: int
    version: Version
    title: str
    product: str
    stage: str
    retired: bool
    tone: str
    seen_at: datetime | None
    groups: list[Group]
    thread: list[Stop]
    model: DeviceModel | None
    model_facts: list[tuple[str, str]]
    room: Room | None
    moments: list[Moment]
    blocks: list[PanelBlock] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    merged: list[int] = field(default_factory=list)
    records: int = 0
    lost: int = 0
    may_edit: bool = False
    may_merge: bool = False

    @property
    def subject(self) -> str:
        """What files are put to."""
        return f"equipment:{self.id}"


def device_page(viewer: Viewer, record: int, revision: int | None, now: datetime) -> DevicePage:
    """The page of a device as it is, or as recorded at a revision. Raises NotFound."""
    version = versions.device(viewer, record, revision)
    hidden = versions.hidden_fields(viewer, version)
    known = versions.Known.now()
    told = versions.claims(record, revision, known)
    said = versions.without((one for one, _ in told), hidden)
    by_hand = history.set_by(row for one, row in told if one.kind == HAND)
    decided = decide(said) if said else {}
    groups = _groups(version, decided, _names(told, known), by_hand, hidden)
    changes = history.changes(record, hidden, LATEST, known)
    place = {"facility": version.facility_id, "unit": version.unit_id}
    page = DevicePage(
        id=record,
        version=version,
        title=title_of(version),
        product=version.product,
        stage=Stage(version.stage).label,
        retired=version.stage == Stage.RETIRED,
        tone={Stage.IN_USE: "ok", Stage.MISSING: "crit", Stage.IN_REPAIR: "high"}.get(
            Stage(version.stage), ""
        ),
        seen_at=_moment(max((one.seen for one in said if one.kind != HAND), default="")),
        groups=groups,
        thread=[],
        model=version.device_model,
        model_facts=_model_facts(version.device_model),
        room=room_of(version),
        moments=_moments(viewer, record, changes, revision),
        attachments=list(_attachments(record, revision)),
        merged=list(Redirect.objects.filter(new=record).values_list("old", flat=True)[:20]),
        records=len(told),
        lost=sum(badge.claim == "lost" for group in groups for of in group.fields for badge in of.badges),
        may_edit=revision is None and viewer.may("edit_equipment", **place),
        may_merge=revision is None and viewer.may("merge_equipment", **place),
    )
    page.blocks = [block for panel in ports.panels for block in panel.panels(viewer, record, revision)]
    page.thread = _thread(page, revision, now)
    return page


def _moment(text: str) -> datetime | None:
    """When a claim was last true; a day means its noon."""
    try:
        at = datetime.fromisoformat(text if "T" in text else f"{text}T12:00:00")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def title_of(version: Version) -> str:
    """A device in words: what it is and where it stands."""
    what = version.name or version.product
    what = what or (f"Device {version.tag}" if version.tag else "Device without a name")
    unit = version.unit.name or version.unit.key if version.unit else version.unit_text
    where = ", ".join(part for part in (unit, version.room) if part)
    return f"{what} in {where}" if where else what


# --- Fields with their claims ------------------------------------------------------------------------------


def _names(told: versions.Told, known: versions.Known) -> dict[int, tuple[str, str]]:
    """By claim: its source's name, and the record's key there."""
    return {one.id: (known.names.get(row.source_id, "a source"), row.key) for one, row in told}


def _groups(
    version: Version,
    decided: Mapping[str, Decided],
    names: Mapping[int, tuple[str, str]],
    by_hand: Mapping[str, SetBy],
    hidden: Collection[str],
) -> list[Group]:
    values = versions.values(version)
    return [
        Group(
            title,
            GROUP_NOTES.get(title, "how much hangs on it"),
            tuple(_field(of, values[of.name], decided.get(of.name), names, by_hand.get(of.name), of.name in hidden) for of in fields),
        )
        for title, fields in grouped().items()
    ]  # fmt: skip


def _field(of: Field, value: str, decided: Decided | None, names: Mapping[int, tuple[str, str]], set_by: SetBy | None, hidden: bool) -> FieldView:  # fmt: skip
    if hidden:
        return FieldView(of.name, of.label, (), False, "", hidden=True)
    shown = tuple(written(of, part) for part in (value.split(LIST) if of.kind == "many" else [value]) if part)
    if decided is None:
        return FieldView(of.name, of.label, shown, of.kind in MONO, "")
    sayings = tuple(_sayings(of, decided, names))
    return FieldView(
        of.name, of.label, shown, of.kind in MONO, decided.rule, tuple(_badges(of, decided, names, set_by)), sayings
    )  # fmt: skip


def written(of: Field, value: str) -> str:
    """A value as the page writes it: days in words, prices with commas."""
    if of.kind == "date":
        return day_words(value)
    if of.kind == "money":
        try:
            return f"{float(value):,.2f}".removesuffix(".00")
        except ValueError:
            return value
    return value


def day_words(text: str) -> str:
    """`2021-03-14` as `14 Mar 2021`; what is no day as it stands."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return text
    return f"{day.day} {day:%b %Y}"


def _badges(of: Field, decided: Decided, names: Mapping[int, tuple[str, str]], set_by: SetBy | None) -> Iterable[Badge]:  # fmt: skip
    """The winner first; sources that agree, each once; then those that lost with what they said."""
    if decided.claim is not None:
        if decided.claim.kind == HAND:
            when = f"{set_by.name}, {set_by.at.day} {set_by.at:%b %Y}" if set_by else "by hand"
            yield Badge(when, "hand")
        else:
            yield Badge(names[decided.claim.id][0], "won")
    met = {names[decided.claim.id][0]} if decided.claim else set()
    for lost in sorted(decided.losers, key=lambda one: not one.agrees):
        name = names[lost.claim.id][0]
        if lost.agrees and name in met:
            continue
        met.add(name)
        yield Badge(name, "agrees" if lost.agrees else "lost", "" if lost.agrees else written(of, lost.value))


def _sayings(of: Field, decided: Decided, names: Mapping[int, tuple[str, str]]) -> Iterable[Saying]:
    if decided.claim is not None:
        claim = decided.claim
        state = "hand" if claim.kind == HAND else "won"
        yield Saying(*names[claim.id], written(of, decided.value), day_words(claim.seen), state, decided.rule)
    for lost in decided.losers:
        state = "agrees" if lost.agrees else "lost"
        yield Saying(*names[lost.claim.id], written(of, lost.value), day_words(lost.claim.seen), state, lost.rule)  # fmt: skip


# --- What stands beside ------------------------------------------------------------------------------------


def _model_facts(model: DeviceModel | None) -> list[tuple[str, str]]:
    if model is None:
        return []
    facts: list[tuple[str, str]] = [("Category", model.category), ("Software", model.software), ("FDA product code", model.product_code), ("Supported until", day_words(model.support_until))]  # fmt: skip
    return [(label, value) for label, value in facts if value]


def _attachments(record: int, revision: int | None) -> Sequence[Attachment]:
    if revision is not None:
        return []
    return (
        Attachment.objects.filter(subject=f"equipment:{record}", removed_at=None)
        .select_related("by")
        .order_by("-at")[:20]
    )


def _moments(viewer: Viewer, record: int, changes: Iterable[history.Change], revision: int | None) -> list[Moment]:  # fmt: skip
    """The newest of what was recorded and of what other rooms know."""
    own = [
        Moment(change.at, change.words, f"{reverse('equipment_history', args=[record])}#r{change.revision}")
        for change in changes
        if revision is None or change.revision <= revision
    ]
    if revision is not None:
        return own
    others = [moment for panel in ports.panels for moment in panel.timeline(viewer, record)]
    return sorted([*own, *others], key=lambda moment: moment.at, reverse=True)[:LATEST]


def _thread(page: DevicePage, revision: int | None, now: datetime) -> list[Stop]:
    """The seven stops: two are the register's own, the others' rooms speak by their panels."""
    knots: dict[str, Knot] = {}
    if revision is None:
        for block in page.blocks:
            for knot in block.knots:
                knots.setdefault(knot.stop, knot)
    lost = f", {words.counted(page.lost, 'claim')} lost" if page.lost else ""
    versions_, since = _recorded(page)
    link = reverse("equipment_history", args=[page.id])
    knots.setdefault(
        "sources", Knot("sources", f"{words.counted(page.records, 'record')}{lost}", "#identity")
    )
    knots.setdefault("register", Knot("register", f"since {words.stamp(since, now)}" if since else "", link))
    knots.setdefault("evidence", Knot("evidence", words.counted(versions_, "version"), link))
    here = next((stop for stop in STOPS if stop in knots and knots[stop].state == "now"), "register")
    return [_stop(stop, knots.get(stop), stop == here) for stop in STOPS]


def _stop(stop: str, knot: Knot | None, here: bool) -> Stop:
    if knot is None or not knot.value:
        return Stop(stop.capitalize(), "none yet", "todo")
    step = "now" if here else {"next": "todo"}.get(knot.state, "done")
    return Stop(stop.capitalize(), knot.value, step, knot.url)


def _recorded(page: DevicePage) -> tuple[int, datetime | None]:
    """How many versions there are, and when the first was recorded: one query, and one for its time."""
    found = EquipmentPast.objects.filter(record=page.id).aggregate(n=Count("*"), first=Min("since"))
    first = found["first"] or page.version.since
    at = Revision.objects.filter(id=first).values_list("at", flat=True)[:1]
    return found["n"] + 1, next((moment.astimezone(UTC) for moment in at), None)
