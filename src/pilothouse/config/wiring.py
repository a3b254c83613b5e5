"""Which room answers which port. The only module that knows all rooms; each line is one answer to one question."""

from __future__ import annotations


def wire() -> None:
    """Fill the ports; called once when the server starts."""
    from pilothouse.core import ports
    from pilothouse.core.reads.audit import People
    from pilothouse.equipment.search import EquipmentFinder
    from pilothouse.governance.command.checks import ChainCheck
    from pilothouse.governance.importing.targets import ChainTarget, PeopleTarget
    from pilothouse.imports.targets import offer
    from pilothouse.intake.importing import EquipmentTarget

    offer(EquipmentTarget())
    offer(ChainTarget())
    offer(PeopleTarget())
    ports.finders.append(EquipmentFinder())
    ports.checks.append(ChainCheck())
    ports.subjects.append(People())
