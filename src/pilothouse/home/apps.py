"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """The room `home`."""

    name = "pilothouse.home"
    label = "home"
