"""All that people do to devices: each verb is one revision, checked against who may do it where, and can be undone."""

from pilothouse.equipment.actions.access import Done, changeable
from pilothouse.equipment.actions.hand import add_by_hand, bring_back, retire, set_by_hand
from pilothouse.equipment.actions.merging import current_id, current_ids, merge, split
from pilothouse.equipment.actions.undoing import InTheWay, undo
from pilothouse.equipment.placing import place_devices

__all__ = [
    "Done", "InTheWay", "add_by_hand", "bring_back", "changeable", "current_id", "current_ids", "merge", "place_devices", "retire",
    "set_by_hand", "split", "undo",
]  # fmt: skip
