"""The tables of the register: equipment, what it is, what every source claims of it, where it was before."""

from pilothouse.equipment.models.claims import Claim, ClaimPast
from pilothouse.equipment.models.equipment import Equipment, EquipmentCount, EquipmentPast, Redirect, Stage
from pilothouse.equipment.models.products import (
    DeviceModel,
    DeviceModelPast,
    Maker,
    MakerPast,
    Room,
    RoomPast,
)

__all__ = [
    "Claim", "ClaimPast", "DeviceModel", "DeviceModelPast", "Equipment", "EquipmentCount", "EquipmentPast", "Maker", "MakerPast",
    "Redirect", "Room", "RoomPast", "Stage",
]  # fmt: skip
