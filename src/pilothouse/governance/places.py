"""Places by their names: what a mistyped unit or facility was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from pilothouse.governance.chain import Chain
from pilothouse.governance.words import Facility, Place, Unit, UnknownPlace
from pilothouse.kernel.text import fold
from pilothouse.kernel.times import Instant, as_datetime

NEAR = 3


def unknown_place(chain: Chain, place: Place, at: Instant) -> UnknownPlace:
    """The error for a unit or facility that does not exist at the instant, with near names."""
    return UnknownPlace(_not_then(chain, place, at) or _never(chain, place))


def _not_then(chain: Chain, place: Place, at: Instant) -> str | None:
    """What to say of a place that the chain knows, but not at this instant; None if it does not know it."""
    asked = as_datetime(at, chain.zone).isoformat()
    if place.kind == "facility" and place.id in chain.facilities:
        return f"the facility {place.id} has no unit at {asked}"
    unit = chain.units.get(place.id or "") if place.kind == "unit" else None
    if unit is None:
        return None
    if at < unit.start:
        return (
            f"the unit {unit.id} begins at {as_datetime(unit.start, chain.zone).isoformat()}, after {asked}"
        )
    return f"the unit {unit.id} ended at {as_datetime(unit.end, chain.zone).isoformat()}, before {asked}"


def _never(chain: Chain, place: Place) -> str:
    known: Iterable[Unit | Facility] = (chain.units if place.kind == "unit" else chain.facilities).values()
    near = near_names(place.id or "", {one.id: one.name for one in known})
    other = place.id in (chain.facilities if place.kind == "unit" else chain.units)
    if other:
        kind = "facility" if place.kind == "unit" else "unit"
        return (
            f"there is no {place.kind} {place.id!r}, but a {kind} of that name: ask with --{kind} {place.id}"
        )
    hint = f"; near it: {', '.join(near)}" if near else ""
    return f"there is no {place.kind} {place.id!r}{hint}"


def near_names(wanted: str, known: dict[str, str | None]) -> list[str]:
    """At most three ids near to what was typed, by id or by name, as `ICU` or `ICU (Intensive care)`."""
    spellings: dict[str, str] = {}
    for id_, name in known.items():
        for spelling in (id_, name or ""):
            spellings.setdefault(fold(spelling), id_)
    spellings.pop("", None)
    close = get_close_matches(fold(wanted), spellings, n=2 * NEAR, cutoff=0.5)
    ids = list(dict.fromkeys(spellings[spelling] for spelling in close))[:NEAR]
    return [id_ if known[id_] in (None, "", id_) else f"{id_} ({known[id_]})" for id_ in ids]
