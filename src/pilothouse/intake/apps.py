"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The room `intake`."""

    name = "pilothouse.intake"
    label = "intake"
