"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """The room `governance`."""

    name = "pilothouse.governance"
    label = "governance"
