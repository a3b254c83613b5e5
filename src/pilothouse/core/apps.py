"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The room `core`."""

    name = "pilothouse.core"
    label = "core"
