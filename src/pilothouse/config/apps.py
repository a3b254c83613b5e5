"""The server's assembly as Django knows it: wires the ports once all rooms are there."""

from __future__ import annotations

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Has no tables."""

    name = "pilothouse.config"
    label = "config"

    def ready(self) -> None:
        """Name who answers which port."""
        from pilothouse.config.wiring import wire

        wire()
