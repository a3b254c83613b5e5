"""A small hospital in which everything exists twice: once where a viewer of NGH may see it, once at SGH, hidden from them.

Each hidden record has a text to find it by (`keys`) and another that must never show (`secrets`). `of` gives what stands for an
argument of an address. A room adds its records in `RECORDS`; the tests that walk all addresses use them by themselves.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from pilothouse.core.keeping import writing
from pilothouse.core.models import Attachment, Job, Membership, Person, Revision
from pilothouse.core.permissions import house_viewer, viewer_of
from pilothouse.core.tokens import make_token
from pilothouse.equipment import actions
from pilothouse.equipment.models import Claim, DeviceModel, Maker
from pilothouse.governance.command import actions as command
from pilothouse.governance.findings import Found, open_findings, working
from pilothouse.imports import runs
from pilothouse.intake.models import Pair
from pilothouse.kernel.times import as_instant
from tests.conftest import NOW, make_person, make_places
from tests.equipment.registers import MONITOR, PUMP, registered

SECRET = "zqsecret"
"""What every text that must not show begins with."""
KEY = "wvkey"
"""What every text by which a hidden record is searched begins with."""


@dataclass
class World:
    """What exists. boss: who holds the helm; seen, hidden: by kind, what an address names one by (an id, a key)."""

    places: dict[str, Any]
    boss: Any
    seen: dict[str, Any] = field(default_factory=dict)
    hidden: dict[str, Any] = field(default_factory=dict)

    @property
    def sees(self) -> Any:
        """The facility whose people see the seen half."""
        return self.places["NGH"]


def equipment(world: World, boss: Person) -> None:
    """A pump at NGH, a monitor at SGH."""
    hidden = {
        "aims": {**MONITOR["aims"], "tag": f"{KEY}tag", "name": f"{SECRET} monitor", "serial": f"{KEY}1"}
    }
    world.seen["equipment"], world.hidden["equipment"] = registered([PUMP, hidden])
    viewer = viewer_of(boss, NOW)
    for half in (world.seen, world.hidden):
        half["change"] = actions.set_by_hand([half["equipment"]], {"owner": f"{SECRET} owner" if half is world.hidden else "Ana"}, by=viewer, at=NOW).revision  # fmt: skip


def rooms(world: World, boss: Person) -> None:
    """A room at NGH, one at SGH."""
    viewer = viewer_of(boss, NOW)
    for half, unit, key, name in ((world.seen, "NGH-ICU", "4-112", "Room 112"), (world.hidden, "SGH-ICU", f"{KEY}room", f"{SECRET} room")):  # fmt: skip
        made = actions.add_room({"key": key, "name": name}, by=viewer, at=NOW, unit=world.places[unit].pk)
        half["room"] = made.pk


def products(world: World, boss: Person) -> None:
    """A model and its maker; what the house knows of products is open to all who see equipment."""
    with writing(by=None, at=NOW, verb="learn") as w:
        actions.learn_products(w, {("Baxter", "Spectrum IQ"): {"Infusion pump": 1}})
    world.seen["device_model"] = world.hidden["device_model"] = DeviceModel.objects.get().pk
    world.seen["maker"] = world.hidden["maker"] = Maker.objects.get().pk


def where(world: World, boss: Person) -> None:
    """A facility and a unit at each side."""
    for half, key in ((world.seen, "NGH"), (world.hidden, "SGH")):
        half["facility"], half["unit"] = world.places[key].pk, world.places[f"{key}-ICU"].pk


def people(world: World, boss: Person) -> None:
    """Somebody whom all see by name; what they were given stands for nobody."""
    world.seen["person"] = world.hidden["person"] = boss.pk


def jobs(world: World, boss: Person) -> None:
    """One's own job, and another's that failed with a text."""
    for name, where in (("seen", world.seen), ("hidden", world.hidden)):
        where["job"] = Job.objects.create(
            kind="tidy", state="failed", due_at=NOW, queued_at=NOW, by=boss, error=f"{SECRET} error" if name == "hidden" else ""
        ).pk  # fmt: skip


def findings(world: World, boss: Person) -> None:
    """One at NGH, one at SGH, each with a comment; the boss owns both, as there is no chain."""
    viewer = viewer_of(boss, timezone.now())
    for name, place in (("seen", "NGH"), ("hidden", "SGH")):
        told = f"{SECRET} finding" if name == "hidden" else "Pumps"
        made = open_findings(
            boss,
            [
                Found(
                    "exposure",
                    f"{KEY}{name}",
                    told,
                    "",
                    "recall",
                    world.places[place].pk,
                    None,
                    "high",
                    None,
                    {"why": told},
                )
            ],
            NOW,
        )
        where = getattr(world, name)
        where["finding"] = made.new[0]
        where["note"] = working.comment(viewer, made.new[0], text=told, at=NOW)
    world.seen["revision"] = world.hidden["revision"] = 1
    world.seen["deed"] = world.hidden["deed"] = "comment"


def entries(world: World, boss: Person) -> None:
    """What was written of the house, and of a hidden device."""
    with writing(
        by=boss, at=NOW, verb="note", subject=f"equipment:{world.seen['equipment']}", note="seen"
    ) as w:
        world.seen["entry"] = w.number
    hidden = f"equipment:{world.hidden['equipment']}"
    with writing(by=boss, at=NOW, verb="note", subject=hidden, note=f"{SECRET} note") as w:
        world.hidden["entry"] = w.number


def roles(world: World, boss: Person) -> None:
    """A role somebody else holds."""
    world.seen["membership"] = world.hidden["membership"] = Membership.objects.get(person=boss).pk


def files(world: World, boss: Person) -> None:
    """A file at the hidden device, and one at the other."""
    for which in (world.seen, world.hidden):
        name = f"{SECRET}.pdf" if which is world.hidden else "manual.pdf"
        which["attachment"] = Attachment.objects.create(
            subject=f"equipment:{which['equipment']}", name=name, path="attachments/none", size=1, sha256="", by=boss, at=NOW
        ).pk  # fmt: skip


def tokens(world: World, boss: Person) -> None:
    """A token of somebody else."""
    now = timezone.now()
    made, _ = make_token(by=viewer_of(boss, now), at=now, name=f"{SECRET} token", scopes=["see_equipment"])
    world.seen["token"] = world.hidden["token"] = made.pk


def chain(world: World, boss: Person) -> None:
    """The helm and an office at SGH with all that can hang on one."""
    by, start = house_viewer(boss), as_instant(NOW)
    helm = command.found_chain(by=by, at=NOW, key="helm", title="The helm", person=boss.pk).row
    office = command.add_position(
        by=by, at=NOW, key="sgh", title="HTM at SGH", reports_to=helm.pk, facility=world.places["SGH"].pk
    ).row
    times = command.Times(start, start + 86_400_000_000)
    made = {
        "position": office,
        "appointment": command.appoint(office.pk, boss.pk, by=by, at=NOW, times=command.Times(start)).row,
        "mandate": command.give_mandate(
            office.pk, by=by, at=NOW, topic="recall", facility=world.places["SGH"].pk
        ).row,
        "delegation": command.delegate(office.pk, boss.pk, by=by, at=NOW, times=times).row,
        "shift": command.put_on_duty(office.pk, boss.pk, by=by, at=NOW, times=times).row,
        "absence": command.note_absence(boss.pk, by=by, at=NOW, times=times).row,
    }
    last = Revision.objects.filter(subject=f"position:{office.pk}").latest("id").pk
    named = {"chain_change": last, "verb": "appoint", "bond": "appointment"}
    for half in (world.seen, world.hidden):
        half |= {**{kind: row.pk for kind, row in made.items()}, **named}


def exposure(world: World, boss: Person) -> None:
    """An advisory and a decision on a name, which all who may look see alike; it touches a device at each place."""
    from pilothouse.exposure.actions.matching import match_devices
    from pilothouse.exposure.actions.naming import decide_name
    from pilothouse.exposure.actions.taking import take
    from pilothouse.exposure.models import Advisory
    from tests.exposure.house import add_devices, csaf, feeds_of

    named = {"maker": "Acme", "model": "Nimbus 300", "firmware": "1.0"}
    add_devices([{**named, "tag": "NIMBUS-1", "at": "NGH"}, {**named, "tag": f"{KEY}2", "name": f"{SECRET} pump", "at": "SGH"}], world.places)  # fmt: skip
    take(feeds_of(csaf()), by=boss, at=NOW)
    match_devices(by=boss, at=NOW)
    made = decide_name(by=viewer_of(boss, timezone.now()), at=NOW, seen="nimbsu", means="Nimbus 300", decision="different")  # fmt: skip
    world.seen["advisory"] = world.hidden["advisory"] = Advisory.objects.get().pk
    world.seen["name"] = world.hidden["name"] = made.pk


def imported(world: World, boss: Person) -> None:
    """A source with a run that was looked at, which only those see who see the whole system, and a pair of the hidden device."""
    by = house_viewer(boss)
    source = runs.make_source(key="lab", name=f"{SECRET} lab", kind="cmms", by=by, at=NOW)
    run = runs.begin(
        source,
        io.BytesIO(f"Asset Tag,Serial Number\n{KEY}9,{KEY}8\n".encode()),
        f"{SECRET}.csv",
        by=by,
        at=NOW,
    )
    runs.preview(run, by=by)
    world.seen["source"] = world.hidden["source"] = source.key
    world.seen["run"] = world.hidden["run"] = run.pk
    for half in (world.seen, world.hidden):
        claims = list(Claim.objects.filter(equipment=half["equipment"]).order_by("pk"))
        half["pair"] = Pair.objects.create(left=claims[0], right=claims[-1], probability=0.5, made_at=NOW, evidence="for: same unit (+1.0)").pk  # fmt: skip


RECORDS: list[Callable[[World, Person], None]] = [
    equipment,
    rooms,
    chain,
    exposure,
    products,
    imported,
    people,
    where,
    jobs,
    entries,
    roles,
    files,
    findings,
    tokens,
]


def build(places: dict[str, Any], boss: Person) -> World:
    """All of it. boss: who did it."""
    world = World(places, boss)
    for make in RECORDS:
        make(world, boss)
    return world


@contextmanager
def standing(blocker: Any) -> Iterator[World]:
    """The world for all tests of a module, each of which undoes what it writes. blocker: `django_db_blocker`, of whatever type."""
    with blocker.unblock(), transaction.atomic():
        places = make_places()
        yield build(places, make_person(places, "Chief", "helm"))
        transaction.set_rollback(True)
