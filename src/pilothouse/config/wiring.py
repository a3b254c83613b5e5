"""Which room answers which port. The only module that knows all rooms; each line is one answer to one question.

A room is imported when its port is first asked: `pilothouse who` loads no register, an import no page.
"""

from __future__ import annotations

from collections.abc import Iterable

from pilothouse.core import ports
from pilothouse.equipment import ports as equipment_ports
from pilothouse.governance import ports as governance_ports
from pilothouse.imports.targets import Target, offer


def wire() -> None:
    """Name who answers; called once when the server starts."""
    offer("equipment", _equipment_target)
    offer("chain", _chain_target)
    offer("people", _people_target)
    ports.finders.come_from(_finders)
    ports.counters.come_from(_counters)
    ports.checks.come_from(_checks)
    ports.leavings.come_from(_leavings)
    ports.place_followers.come_from(_place_followers)
    ports.subjects.come_from(_subjects)
    ports.person_panels.come_from(_person_panels)
    equipment_ports.panels.come_from(_device_panels)
    equipment_ports.followers.come_from(_followers)
    governance_ports.abouts.come_from(_abouts)


def load() -> None:
    """Import now what pages and calls need, so that no reader waits for it; for a server, when it starts."""
    from importlib import import_module

    import_module("pilothouse.config.urls")
    for port in (
        ports.finders,
        ports.counters,
        ports.subjects,
        ports.person_panels,
        ports.leavings,
        ports.place_followers,
        equipment_ports.panels,
        equipment_ports.followers,
        governance_ports.abouts,
    ):
        len(port)


def _equipment_target() -> Target:
    from pilothouse.intake.importing import EquipmentTarget

    return EquipmentTarget()


def _chain_target() -> Target:
    from pilothouse.governance.importing.targets import ChainTarget

    return ChainTarget()


def _people_target() -> Target:
    from pilothouse.governance.importing.targets import PeopleTarget

    return PeopleTarget()


def _finders() -> Iterable[ports.Finder]:
    from pilothouse.equipment.reads.scanned import ScanFinder
    from pilothouse.equipment.search import EquipmentFinder, RoomFinder
    from pilothouse.exposure import search
    from pilothouse.governance.command import answering
    from pilothouse.governance.findings.search import FindingFinder

    return [
        ScanFinder(),
        EquipmentFinder(),
        RoomFinder(),
        answering.Finder(),
        FindingFinder(),
        search.Finder(),
    ]


def _counters() -> Iterable[ports.Counter]:
    from pilothouse.exposure.counting import Counter
    from pilothouse.governance.findings.search import FindingCounter
    from pilothouse.intake.counting import Counter as ReviewCounter

    return [FindingCounter(), Counter(), ReviewCounter()]


def _checks() -> Iterable[ports.Check]:
    from pilothouse.core.leaving import LeftCheck
    from pilothouse.governance.command.checks import ChainCheck
    from pilothouse.governance.findings.checking import FindingCheck
    from pilothouse.intake.checks import RegisterCheck

    return [LeftCheck(), ChainCheck(), RegisterCheck(), FindingCheck()]


def _leavings() -> Iterable[ports.Leaving]:
    from pilothouse.governance.command.leaving import Leaving

    return [Leaving()]


def _place_followers() -> Iterable[ports.PlaceFollower]:
    from pilothouse.equipment.following import PlaceFollower
    from pilothouse.governance.following import PlaceFollower as ChainFollower

    return [PlaceFollower(), ChainFollower()]


def _subjects() -> Iterable[ports.Subjects]:
    from pilothouse.core.reads.audit import People
    from pilothouse.core.reads.places import Facilities, Units
    from pilothouse.equipment.subjects import EquipmentSubjects
    from pilothouse.governance.command.answering import Positions
    from pilothouse.governance.findings.search import FindingSubjects
    from pilothouse.imports.subjects import RunSubjects

    return [
        Positions(),
        People(),
        Facilities(),
        Units(),
        EquipmentSubjects(),
        RunSubjects(),
        FindingSubjects(),
    ]


def _person_panels() -> Iterable[ports.PersonPanel]:
    from pilothouse.governance.command.answering import PersonPanel

    return [PersonPanel()]


def _device_panels() -> Iterable[equipment_ports.Panel]:
    from pilothouse.exposure.panels import DevicePanel
    from pilothouse.governance.findings.panels import FindingPanel

    return [FindingPanel(), DevicePanel()]


def _followers() -> Iterable[equipment_ports.Follower]:
    from pilothouse.exposure.following import Follower

    return [Follower()]


def _abouts() -> Iterable[governance_ports.About]:
    from pilothouse.exposure.about import About
    from pilothouse.governance.command.answering import Positions

    return [Positions(), About()]
