"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """The room `imports`."""

    name = "pilothouse.imports"
    label = "imports"
