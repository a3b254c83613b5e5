"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class ExposureConfig(AppConfig):
    """The room `exposure`."""

    name = "pilothouse.exposure"
    label = "exposure"
