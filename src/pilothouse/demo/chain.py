"""The demo's chain of command: valid, and with what a real one has: vacancies, deputies, absences, a roster, a delegation.

The helm stands above both HTM and IT; every unit of the sources is known. The meaning of each file is in
docs/domains/governance.md.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from pilothouse.demo.dice import Dice
from pilothouse.demo.people import Person, Staff
from pilothouse.demo.places import FACILITIES, UNITS

ZONE = "America/New_York"
HELM = "HELM"

Line = Sequence[str]


@dataclass(frozen=True, slots=True)
class Office:
    """A position to fill: where it stands, how many deputies it has, and whether anyone holds it at present."""

    key: str
    title: str
    scope_kind: str
    scope: str
    reports_to: str
    deputies: int = 0
    held: bool = True


@dataclass(slots=True)
class Files:
    """The lines of each file but its header."""

    positions: list[Line] = field(default_factory=list)
    appointments: list[Line] = field(default_factory=list)
    mandates: list[Line] = field(default_factory=list)
    absences: list[Line] = field(default_factory=list)
    roster: list[Line] = field(default_factory=list)
    delegations: list[Line] = field(default_factory=list)


_SYSTEM = (
    Office(HELM, "Vice President, Clinical Technology", "system", "", "", 2),
    Office("DIR-HTM", "Director of HTM", "system", "", HELM, 1),
    Office("CIO", "Chief Information Officer", "system", "", HELM, 1),
    Office("CISO", "Chief Information Security Officer", "system", "", "CIO", 1),
    Office("MDSEC", "Medical Device Security Engineer", "system", "", "CISO", 1),
    Office("SOC", "Security Operations Lead", "system", "", "CISO"),
    Office("INTEG", "Integration Architect", "system", "", "CIO", 1),
    Office("CNO", "Chief Nursing Officer", "system", "", HELM, 1),
    Office("EDU", "Director of Clinical Education", "system", "", "CNO", 1),
    Office("SAFETY", "Patient Safety Officer", "system", "", "CNO", 1),
    Office("DIR-SCM", "Director of Supply Chain", "system", "", HELM, 1),
    Office("PARTS", "Parts and Contracts Manager", "system", "", "DIR-SCM", 1),
    Office("RECALL", "Recall Coordinator", "system", "", "DIR-HTM", 0),
    Office("STEWARD", "Asset Data Steward", "system", "", "DIR-HTM", 0, held=False),
    Office("CAPITAL", "Capital Planning Manager", "system", "", "DIR-SCM", 1),
)

_SYSTEM_MANDATES = {
    "maintenance": "DIR-HTM", "repair": "DIR-HTM", "recall": "RECALL", "cybersecurity": "CISO", "access": "CIO", "data_flow": "INTEG",
    "incident": "SAFETY", "training": "EDU", "parts": "PARTS", "replacement": "CAPITAL", "inventory": "STEWARD", "*": HELM,
}  # fmt: skip


def write_chain(folder: Path, seed: int, as_of: date) -> int:
    """Write the chain as it stands on this day; returns how many people are in it."""
    files, staff = chain_of(seed, as_of)
    folder.mkdir()
    _save(
        folder,
        "units",
        "unit,facility,name,facility_name",
        ((u.key, u.facility.key, u.name, u.facility.name) for u in UNITS),
    )
    _save(folder, "positions", "position,title,scope_kind,scope,reports_to,helm", files.positions)
    _save(
        folder,
        "people",
        "person,name,email,phone,tested_on,test_ok",
        ((p.key, p.name, p.email, p.phone, p.tested_on, p.test_ok) for p in staff.hired),
    )
    _save(folder, "appointments", "person,position,kind,order,from,to", files.appointments)
    _save(folder, "mandates", "topic,scope_kind,scope,position,limit,currency", files.mandates)
    _save(folder, "absences", "person,from,to", files.absences)
    _save(folder, "roster", "position,person,from,to", files.roster)
    _save(folder, "delegations", "position,topic,person,from,to", files.delegations)
    _save(folder, "settings", "key,value", [("tz", ZONE)])
    return len(staff.hired)  # fmt: skip


def chain_of(seed: int, as_of: date) -> tuple[Files, Staff]:
    """The chain as it stands on this day, and everyone in it."""
    staff, files, dice = Staff(seed, as_of), Files(), Dice(seed).at("chain", 0)
    holders = _fill(_offices(), files, staff, as_of, dice)
    _mandate(files)
    _send_away(files, holders, as_of)
    _roster(files, staff, as_of)
    _delegate(files, staff, as_of)
    return files, staff


def _save(folder: Path, name: str, header: str, lines: Iterable[Line]) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(lines)


def _offices() -> list[Office]:
    """Every position: the system's, then each hospital's managers, then each unit's charge nurse."""
    offices = list(_SYSTEM)
    for facility in FACILITIES:
        key, kind = facility.key, "facility"
        offices += (
            Office(f"HTM-{key}", f"HTM Manager, {facility.name}", kind, key, "DIR-HTM", 1 if key == "NGH" else 0),
            Office(f"IMG-{key}", f"Imaging Service Lead, {facility.name}", kind, key, f"HTM-{key}", 0, held=key != "RCH"),
            Office(f"NUR-{key}", f"Director of Nursing, {facility.name}", kind, key, "CNO", 1),
        )  # fmt: skip
    for place, unit in enumerate(UNITS):
        offices.append(
            Office(
                f"CN-{unit.key}", f"Charge Nurse, {unit.name}", "unit", unit.key, f"NUR-{unit.facility.key}", place % 3, held=place % 9 != 4
            )
        )  # fmt: skip
    return offices


def _fill(offices: list[Office], files: Files, staff: Staff, as_of: date, dice: Dice) -> dict[str, Person]:
    """Appoint holders and deputies; returns the holders. The helm has had a holder before this one."""
    holders: dict[str, Person] = {}
    for office in offices:
        helm = "yes" if office.key == HELM else ""
        files.positions.append(
            (office.key, office.title, office.scope_kind, office.scope, office.reports_to, helm)
        )
        since = as_of - timedelta(days=dice.between(60, 2400))
        if office.key == HELM:
            handover = f"{since}T08:00"
            files.appointments.append((staff.hire().key, HELM, "holder", "", f"{as_of - timedelta(days=4000)}T08:00", handover))  # fmt: skip
            holders[HELM] = staff.hire()
            files.appointments.append((holders[HELM].key, HELM, "holder", "", handover, ""))
        elif office.held:
            holders[office.key] = staff.hire()
            files.appointments.append((holders[office.key].key, office.key, "holder", "", str(since), ""))
        for order in range(1, office.deputies + 1):
            deputy = staff.hire()
            files.appointments.append((deputy.key, office.key, "deputy", str(order), str(since), ""))
    return holders


def _mandate(files: Files) -> None:
    """Who answers for what; purchases go up with the sum."""
    files.mandates += [
        (topic, "system", "", position, "", "") for topic, position in _SYSTEM_MANDATES.items()
    ]
    files.mandates.append(("purchase", "system", "", "DIR-SCM", "250000", "USD"))
    for facility in FACILITIES:
        key = facility.key
        files.mandates.append(("repair", "facility", key, f"HTM-{key}", "", ""))
        files.mandates.append(("maintenance", "facility", key, f"HTM-{key}", "", ""))
        files.mandates.append(("purchase", "facility", key, f"HTM-{key}", "25000", "USD"))
    for unit in UNITS:
        if unit.code in ("ICU", "NICU", "PICU", "ED"):
            files.mandates.append(("training", "unit", unit.key, f"CN-{unit.key}", "", ""))
        if unit.code == "RAD":
            files.mandates.append(("repair", "unit", unit.key, f"IMG-{unit.facility.key}", "", ""))
    files.mandates.append(("cybersecurity", "facility", "NGH", "SOC", "", ""))
    files.mandates.append(("cybersecurity", "facility", "LSM", "MDSEC", "", ""))


def _send_away(files: Files, holders: dict[str, Person], as_of: date) -> None:
    """The CISO is on leave (a deputy stands in), Lakeside's HTM manager is ill (nobody does), two others were away."""
    days = {"CISO": (-4, 6), "HTM-LSM": (-9, 12), "CNO": (-60, -50), "PARTS": (14, 28)}
    for key, (start, end) in days.items():
        files.absences.append((holders[key].key, _moment(as_of, start, 8), _moment(as_of, end, 8)))
    files.absences.append((holders["CISO"].key, _moment(as_of, 6, 8), _moment(as_of, 9, 8)))


def _roster(files: Files, staff: Staff, as_of: date) -> None:
    """Twelve-hour shifts of security operations around the clock, and Northgate's HTM on call at night.

    The on-call roster ends within the week: a finding.
    """
    watch = [staff.hire() for _ in range(4)]
    for shift in range(-20, 60):
        start, hour = divmod(shift, 2)
        person = watch[(shift // 2 + hour * 2) % 4]
        begins, ends = (7, 19) if hour == 0 else (19, 7)
        files.roster.append(
            ("SOC", person.key, _moment(as_of, start, begins), _moment(as_of, start + hour, ends))
        )
    nights = [staff.hire() for _ in range(3)]
    for night in range(-10, 5):
        files.roster.append(
            ("HTM-NGH", nights[night % 3].key, _moment(as_of, night, 17), _moment(as_of, night + 1, 7))
        )


def _delegate(files: Files, staff: Staff, as_of: date) -> None:
    """The recall coordinator has handed recalls to someone for some weeks; the CIO everything, long ago."""
    files.delegations.append(
        ("RECALL", "recall", staff.hire().key, _moment(as_of, -10, 8), _moment(as_of, 18, 17))
    )
    files.delegations.append(("CIO", "*", staff.hire().key, _moment(as_of, -90, 8), _moment(as_of, -70, 8)))


def _moment(as_of: date, days: int, hour: int) -> str:
    """`2026-11-06T08:00`: so many days from the demo's day, at this hour of the wall clock."""
    return datetime.combine(as_of + timedelta(days=days), time(hour)).isoformat(timespec="minutes")
