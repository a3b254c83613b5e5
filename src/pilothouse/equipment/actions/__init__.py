"""All that people do to devices: each verb is one revision, checked against who may do it where, and can be undone."""

from pilothouse.equipment.actions.access import Done, changeable
from pilothouse.equipment.actions.hand import add_by_hand, bring_back, need_somewhere, retire, set_by_hand
from pilothouse.equipment.actions.merging import current_id, current_ids, merge, split
from pilothouse.equipment.actions.products import (
    MODEL_FIELDS,
    edit_maker,
    edit_model,
    learn_products,
    merge_makers,
    settle_products,
)
from pilothouse.equipment.actions.rooms import ROOM_FIELDS, add_room, close_room, edit_room, put_in_room
from pilothouse.equipment.actions.undoing import InTheWay, undo
from pilothouse.equipment.placing import place_devices

__all__ = [
    "MODEL_FIELDS", "ROOM_FIELDS", "Done", "InTheWay", "add_by_hand", "add_room", "bring_back", "changeable", "close_room", "current_id", "current_ids", "edit_maker", "edit_model", "edit_room",
    "learn_products", "merge", "merge_makers", "need_somewhere", "place_devices", "put_in_room", "retire", "set_by_hand", "settle_products", "split",
    "undo",
]  # fmt: skip
