"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class EquipmentConfig(AppConfig):
    """The room `equipment`."""

    name = "pilothouse.equipment"
    label = "equipment"
