"""The demo health system brought into the house through the same doors as a real one: chain, lists, advisories, findings."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pilothouse.core import house, people
from pilothouse.core.models import Account, Facility, Person, Setting, Unit
from pilothouse.core.permissions import Viewer
from pilothouse.equipment.actions import settle_products
from pilothouse.equipment.models import Equipment
from pilothouse.equipment.placing import place_devices
from pilothouse.exposure.actions.keeping_up import match
from pilothouse.exposure.actions.syncing import sync_from_folder
from pilothouse.governance import importing
from pilothouse.governance.chain import Chain
from pilothouse.governance.sources import load_chain
from pilothouse.imports import runs
from pilothouse.imports.models import Source
from pilothouse.intake import matching
from pilothouse.kernel.progress import Progress
from pilothouse.kernel.times import as_instant

LISTS: Final = (
    ("cmms", "CMMS", "cmms", "cmms_export.csv"),
    ("scan", "Network scan", "network", "network_scan.csv"),
    ("asimily", "Asimily", "security", "asimily.json"),
)
DONE: Final = "demo_loaded"
"""The setting that says that the demo is in, whole."""
HOUSE: Final = "Three Rivers Health"
SHARED: Final = "demo_password"
"""The setting that holds the demo's password; `pilothouse check` names it as unsafe for others' machines."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody of the demo who can sign in. post: the position they hold; what: which of the five they are."""

    what: str
    login: str
    name: str
    post: str


_WHO: Final = (
    ("the helm", "helm", "helm", "HELM", ""),
    ("an HTM manager", "htm", "htm_manager", "HTM-NGH", "facility"),
    ("a security analyst", "security", "security_analyst", "MDSEC", ""),
    ("a technician", "tech", "technician", "IMG-NGH", "facility"),
    ("a nurse manager", "nurse", "nurse_manager", "CN-NGH-ICU", "unit"),
)
"""What they are, login, role, position, and whether the role counts at the position's own place."""


def is_loaded() -> bool:
    """Whether the demo is in, or a real house is there: then the data stays as it is. A load that was killed goes on."""
    names = set(Setting.objects.filter(name__in=[SHARED, DONE]).values_list("name", flat=True))
    return DONE in names or (SHARED not in names and Equipment.objects.exists())


def load(folder: Path, *, by: Viewer, at: datetime, progress: Progress) -> None:
    """Bring a demo folder in. Safe to call again after a kill: each step finds done what was done."""
    loaded = load_chain(folder / "chain")
    if loaded.chain is None:
        raise ValueError("the demo's chain is not valid")  # the demo's own tests hold that it is
    progress.step("Chain of command")
    importing.apply(loaded.chain.rows, by=by.person, at=at, source="demo")
    Setting.objects.get_or_create(name=house.NAME, defaults={"value": HOUSE})
    _let_in(loaded.chain, at)
    for key, name, kind, file in LISTS:
        source = Source.objects.filter(key=key).first() or runs.make_source(
            key=key, name=name, kind=kind, by=by, at=at
        )
        with (folder / file).open("rb") as stream:
            run = runs.begin(source, stream, file, by=by, at=at)
        runs.apply(run, by=by, at=at, progress=progress)
    progress.step("Makers, models and places")
    settle_products(by=by.person, at=at)
    place_devices(by=by.person, at=at)
    matching.match(by=by, at=at, progress=progress)
    progress.step("Advisories")
    sync_from_folder(folder / "advisories", by=by.person, at=at)
    progress.step("What they touch")
    match(by=by.person, at=at)
    Setting.objects.get_or_create(name=DONE, defaults={"value": at.isoformat()})


def sign_ins() -> tuple[list[SignIn], str]:
    """Who of the demo can sign in, and the password they share."""
    password = Setting.objects.filter(name=SHARED).values_list("value", flat=True).first() or ""
    found = []
    for what, login, _, post, _ in _WHO:
        name = Account.objects.filter(login=login).values_list("person__name", flat=True).first()
        if name:
            found.append(SignIn(what, login, name, post))
    return found, str(password)


def _let_in(chain: Chain, at: datetime) -> None:
    """The five people of the demo, each the holder of a position, with its role at its place."""
    setting, _ = Setting.objects.get_or_create(
        name=SHARED, defaults={"value": f"demo-{secrets.token_hex(3)}"}
    )
    for _, login, role, post, scope in _WHO:
        if Account.objects.filter(login=login).exists():
            continue
        position = next(
            (p for key, p in chain.positions.items() if key == post or key.startswith(f"{post}-")), None
        )
        holder = (
            chain.holders[position.id].latest_at(as_instant(at))
            if position and position.id in chain.holders
            else None
        )
        person = Person.objects.filter(key=holder.person).first() if holder else None
        if person is None or position is None or Account.objects.filter(person=person).exists():
            continue
        people.create_account(person.pk, by=None, at=at, login=login, password=str(setting.value))
        people.grant(person.pk, by=None, at=at, role=role, **_place(scope, position.scope.id))


def _place(scope: str, key: str | None) -> Mapping[str, int]:
    if not scope:
        return {}
    model = Facility if scope == "facility" else Unit
    return {scope: model.objects.get(key=key).pk}
