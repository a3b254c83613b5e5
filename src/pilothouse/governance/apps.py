"""The room as Django knows it."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """The room `governance`."""

    name = "pilothouse.governance"
    label = "governance"

    def ready(self) -> None:
        """Offer the jobs of the chain of command."""
        import_module("pilothouse.governance.command.jobs")
