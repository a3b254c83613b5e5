"""What an advisory asks for besides the version: a model number, an operating system, a product underneath."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Literal

Held = Literal["holds", "unknown", "fails"]
"""Whether a condition is so. What is not known is never taken for no."""

_ORDER: tuple[Held, ...] = ("holds", "unknown", "fails")
_WINDOWS = re.compile(r"windows\s*(server)?\s*(xp|vista|nt|ce|\d{4}(?:\s*r2)?|\d+(?:\.\d+)?)?", re.I)


def worst(conditions: Iterable[tuple[Held, str]]) -> tuple[Held, str]:
    """Of several conditions the one that speaks most against, with its reason in words."""
    return max(conditions, key=lambda condition: _ORDER.index(condition[0]), default=("holds", ""))


def model_held(asked: Collection[str], named: Collection[str], carried: Collection[str]) -> tuple[Held, str]:
    """asked: model numbers of which the device must carry one. named: all that the advisory names for the product.
    carried: what the device's name holds."""
    if not asked or any(term in carried for term in asked):
        return "holds", ""
    models = ", ".join(term.upper() for term in asked)
    other = next((term for term in sorted(named) if term in carried), None)
    if other is not None:
        return "fails", f"The advisory names model {models}; this is {other.upper()}"
    return "unknown", f"The advisory names model {models}; this device's model number is not known"


def system_held(asked: str, os: str) -> tuple[Held, str]:
    """Whether the device runs the operating system that a product's name carries (`... Windows XP-Based`)."""
    if not asked:
        return "holds", ""
    if not os.strip():
        return "unknown", f"The advisory names it on {asked}; this device's operating system is not known"
    wanted, present = _windows(asked), _windows(os)
    if wanted and wanted <= present:
        return "holds", ""
    if len(present) == 1:
        return "unknown", f"The advisory names it on {asked}; which Windows this device runs is not known"
    return "fails", f"The advisory names it on {asked}; this runs {os.strip()}"


def named_system(text: str) -> str:
    """The Windows that a device's own name carries (`Workstation, Windows 7`); empty when it names none."""
    found = _WINDOWS.search(text)
    return found.group().strip() if found else ""


def installation_held(installed_on: str) -> tuple[Held, str]:
    """A product in a relationship: what lies underneath is not in any list of devices."""
    if not installed_on:
        return "holds", ""
    return "unknown", f"The advisory names it when installed on {installed_on}; that is not known"


def _windows(text: str) -> frozenset[str]:
    """`Windows Server 2008 R2` as {windows, server, 2008 r2}; empty for another system."""
    found = _WINDOWS.search(text)
    if found is None:
        return frozenset()
    return frozenset(["windows", *(" ".join(group.lower().split()) for group in found.groups() if group)])
