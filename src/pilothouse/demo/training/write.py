"""Writing `training/` and what is true about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pilothouse.demo.tables_out import save
from pilothouse.demo.training import documents, evidence, sessions
from pilothouse.demo.training.crew import ON_CALL_UNITS, Crew, Member
from pilothouse.demo.training.holdings import SHORT, Hole, holdings
from pilothouse.demo.training.skills import NIGHT, Need, needs, skills

_PEOPLE = ("person", "unit", "ladder", "from", "to")
_NEEDS = ("unit", "shift", "skill", "level", "people", "share")
_SKILLS = ("skill", "ladder", "parent", "own", "refresher_days", "declaration")
_ROSTER = ("person", "unit", "shift", "from", "to")
_ABSENCES = ("person", "from", "to")
_HOLES = ("unit", "shift", "skill", "level", "hole", "day", "needed", "have")

Line = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Trained:
    """What was written: people, and by unit how many of its needs are short."""

    people: int
    short: dict[str, int]


def write_training(folder: Path, truth: Path, *, seed: int, as_of: date, count: int) -> Trained:
    """Write who works where, what they hold and what is needed; the planted holes into `truth`. count: people."""
    folder.mkdir()
    crew = Crew(seed, as_of, count)
    held = holdings(crew, seed)
    holes = list(held.holes())
    lines = evidence.evidence(held)
    save(folder / "people.csv", _PEOPLE, _assignments(crew.members))
    save(folder / "skills.csv", _SKILLS, _skills())
    save(folder / "needs.csv", _NEEDS, map(_need, needs(count)))
    save(folder / "roster.csv", _ROSTER, _roster(crew))
    save(folder / "absences.csv", _ABSENCES, _absences(crew.members))
    save(folder / "evidence.csv", evidence.HEADER, (line.cells() for line in lines))
    save(folder / "sessions.csv", sessions.HEADER, sessions.sessions(held, holes, count))
    wrong = documents.write_documents(folder, held)
    save(
        truth / "documents_wrong.csv",
        ("file", "place", "what"),
        ((one.file, one.place, one.what) for one in wrong),
    )
    save(
        truth / "staff.csv",
        ("person", "name", "role", "units"),
        ((one.person, one.name, one.role, "|".join(one.units)) for one in crew.members),
    )
    save(truth / "training_holes.csv", _HOLES, map(_hole, holes))
    save(
        truth / "evidence_wrong.csv", ("row", "person", "column", "what"),
        ((row, line.person, line.column, line.wrong) for row, line in enumerate(lines, 1) if line.wrong),
    )  # fmt: skip
    short = Counter(hole.need.unit.key for hole in holes if hole.kind == SHORT)
    return Trained(len(crew.members), dict(short))


def _assignments(members: Iterable[Member]) -> Iterator[Line]:
    for one in members:
        for unit in one.units:
            yield one.person, unit, one.ladder, one.since, one.until


def _skills() -> Iterator[Line]:
    for one in skills().values():
        yield (one.name, one.ladder, one.parent, "yes" if one.own else "", one.refresher_days, "yes" if one.declaration else "")  # fmt: skip


def _need(need: Need) -> Line:
    share = f"{need.share:g}" if need.share else ""
    return need.unit.key, need.shift, need.skill.name, need.level, need.people or "", share


def _roster(crew: Crew) -> Iterator[Line]:
    """The standing roster of each unit, and HTM on call night by night."""
    for one in crew.members:
        if one.role == "technician on call" or not one.shift:
            continue
        yield one.person, one.units[0], one.shift, one.since, one.moves_on
        if one.moves_on is not None:
            yield one.person, one.units[0], one.shift_on(one.moves_on), one.moves_on, None
    for person, night in crew.on_call():
        for unit in ON_CALL_UNITS:
            yield person, unit, NIGHT, night, night + timedelta(days=1)


def _absences(members: Iterable[Member]) -> Iterator[Line]:
    for one in members:
        for start, end in one.away:
            yield one.person, start, end


def _hole(hole: Hole) -> Line:
    need = hole.need
    return need.unit.key, need.shift, need.skill.name, need.level, hole.kind, hole.day, hole.needed, hole.have
