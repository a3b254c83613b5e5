"""The four kinds of world, each with its own makers, columns, habits of naming and errors."""

from __future__ import annotations

from pilothouse.demo.worlds import awful, clean, lying, ordinary
from pilothouse.demo.worlds.source import World

WORLDS: dict[str, World] = {
    world.name: world for world in (clean.WORLD, ordinary.WORLD, awful.WORLD, lying.WORLD)
}

__all__ = ["WORLDS", "World"]
