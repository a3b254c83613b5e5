"""Which room answers which port. The only module that knows all rooms; each line is one answer to one question."""

from __future__ import annotations


def wire() -> None:
    """Fill the ports; called once when the server starts."""
    from pilothouse.core import ports
    from pilothouse.core.leaving import LeftCheck
    from pilothouse.core.reads.audit import People
    from pilothouse.core.reads.places import Facilities, Units
    from pilothouse.equipment import following as equipment_following
    from pilothouse.equipment import ports as equipment_ports
    from pilothouse.equipment.reads.scanned import ScanFinder
    from pilothouse.equipment.search import EquipmentFinder, RoomFinder
    from pilothouse.equipment.subjects import EquipmentSubjects
    from pilothouse.exposure import about, counting, following, panels, search
    from pilothouse.governance import following as governance_following
    from pilothouse.governance import ports as governance_ports
    from pilothouse.governance.command import answering
    from pilothouse.governance.command.checks import ChainCheck
    from pilothouse.governance.command.leaving import Leaving
    from pilothouse.governance.findings.checking import FindingCheck
    from pilothouse.governance.findings.panels import FindingPanel
    from pilothouse.governance.findings.search import FindingCounter, FindingFinder, FindingSubjects
    from pilothouse.governance.importing.targets import ChainTarget, PeopleTarget
    from pilothouse.imports.subjects import RunSubjects
    from pilothouse.imports.targets import offer
    from pilothouse.intake.checks import RegisterCheck
    from pilothouse.intake.counting import Counter as ReviewCounter
    from pilothouse.intake.importing import EquipmentTarget

    offer(EquipmentTarget())
    offer(ChainTarget())
    offer(PeopleTarget())
    ports.finders.append(ScanFinder())
    ports.finders.append(EquipmentFinder())
    ports.finders.append(RoomFinder())
    ports.checks.append(LeftCheck())
    ports.leavings.append(Leaving())
    ports.checks.append(ChainCheck())
    ports.checks.append(RegisterCheck())
    ports.person_panels.append(answering.PersonPanel())
    ports.finders.append(answering.Finder())
    ports.subjects.append(answering.Positions())
    governance_ports.abouts.append(answering.Positions())
    ports.subjects.append(People())
    ports.subjects.append(Facilities())
    ports.subjects.append(Units())
    ports.place_followers.append(equipment_following.PlaceFollower())
    ports.place_followers.append(governance_following.PlaceFollower())
    ports.subjects.append(EquipmentSubjects())
    ports.subjects.append(RunSubjects())
    ports.finders.append(FindingFinder())
    ports.counters.append(FindingCounter())
    ports.checks.append(FindingCheck())
    ports.subjects.append(FindingSubjects())
    equipment_ports.panels.append(FindingPanel())
    ports.finders.append(search.Finder())
    ports.counters.append(counting.Counter())
    ports.counters.append(ReviewCounter())
    equipment_ports.panels.append(panels.DevicePanel())
    equipment_ports.followers.append(following.Follower())
    governance_ports.abouts.append(about.About())
