"""Which room answers which port. The only module that knows all rooms; each line is one answer to one question."""

from __future__ import annotations


def wire() -> None:
    """Fill the ports; called once when the server starts."""
    from pilothouse.core import ports as core_ports
    from pilothouse.equipment import ports as equipment_ports
    from pilothouse.exposure import counting, following, panels, search
    from pilothouse.imports.targets import offer
    from pilothouse.intake.importing import EquipmentTarget

    offer(EquipmentTarget())

    core_ports.finders.append(search.Finder())
    core_ports.counters.append(counting.Counter())
    equipment_ports.panels.append(panels.DevicePanel())
    equipment_ports.followers.append(following.Follower())
