"""Writing `plan/` and what is planted in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pilothouse.demo.fleet import Fleet
from pilothouse.demo.tables_out import save
from pilothouse.demo.wishes.groups import groups
from pilothouse.demo.wishes.limits import HEADER as LIMITS
from pilothouse.demo.wishes.limits import LEAN, limits
from pilothouse.demo.wishes.options import BARGAIN, CRITERIA, DEARER, GIANT, Option, Wishes

_OPTIONS = ("item", "option", "year", "benefit", "must", "bundle", "requires", "committed", *CRITERIA)
_USES = ("item", "option", "limit", "amount")
_TOLD = {
    BARGAIN: "next to nothing for many points: every good plan chooses it",
    DEARER: "costs more and is worth less than replace of the same year: no best plan chooses it",
    GIANT: "more than any year's capital: no plan can choose it",
}


def write_plan(folder: Path, truth: Path, *, seed: int, as_of: date, fleet: Fleet, count: int, devices: int, share: float, short: dict[str, int]) -> int:  # fmt: skip
    """Write options, uses and limits; what is planted into `truth`. Returns the options.

    count: options wanted. devices: so many of the fleet are looked at. share: of the full size, 0 to 1.
    short: by unit, how many needs of training are short.
    """
    folder.mkdir()
    wishes = Wishes(seed, as_of.year + 1, groups(fleet, devices), short, share)
    options = wishes.options(count)
    save(folder / "options.csv", _OPTIONS, map(_line, options))
    save(folder / "uses.csv", _USES, _uses(options))
    save(folder / "limits.csv", LIMITS, _limits(options, wishes.years, 1.0))
    save(folder / "limits-lean.csv", LIMITS, _limits(options, wishes.years, LEAN))
    save(truth / "plan_planted.csv", ("item", "option", "planted", "what"), _planted(options))
    return len(options)


def _line(one: Option) -> tuple[object, ...]:
    flags = ("yes" if one.must else "", one.bundle, one.requires, "yes" if one.committed else "")
    return one.item, one.name, one.year, f"{one.benefit:.2f}", *flags, *(f"{part:.2f}" for part in one.points)


def _uses(options: list[Option]) -> Iterator[tuple[object, ...]]:
    return (
        (one.item, one.name, name, f"{amount:.10g}") for one in options for name, amount in one.uses.items()
    )


def _limits(options: list[Option], years: tuple[int, ...], money: float) -> Iterator[tuple[object, ...]]:
    return ((name, f"{most:.10g}", year, kind) for name, most, year, kind in limits(options, years, money))


def _planted(options: list[Option]) -> Iterator[tuple[object, ...]]:
    for one in options:
        if one.planted:
            yield one.item, one.name, one.planted, _TOLD[one.planted]
        for word, is_so in (
            ("must", one.must),
            ("committed", one.committed),
            ("bundle", one.bundle),
            ("requires", one.requires),
        ):
            if is_so:
                yield one.item, one.name, word, is_so if isinstance(is_so, str) else ""
