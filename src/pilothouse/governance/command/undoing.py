"""Taking back one change of the chain of command, or one import, as a whole: a new revision that says what stood before.

Rows that were touched since stay as they are. Places and people are never removed: a unit that only that revision brought ends,
a person is marked as having left. Source: docs/domains/governance.md, "Changes".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from pilothouse.core.errors import Conflict, NotFound
from pilothouse.core.jobs import enqueue
from pilothouse.core.keeping import Row, Writing, tables, writing
from pilothouse.core.leaving import end_sign_ins
from pilothouse.core.models import Facility, Kept, Person, Revision, Unit
from pilothouse.core.permissions import Viewer
from pilothouse.core.words import counted, listed
from pilothouse.equipment.jobs import ask_to_place
from pilothouse.governance import models as m
from pilothouse.governance.check import errors
from pilothouse.governance.command.jobs import CHAIN_FINDINGS
from pilothouse.governance.command.validity import Refused
from pilothouse.governance.loading import lines_of
from pilothouse.governance.recorded import whole
from pilothouse.kernel.times import OPEN, as_instant

CHAIN: Final[tuple[type[Kept], ...]] = (
    m.Position, m.Appointment, m.Mandate, m.Absence, m.Shift, m.Delegation,
)  # fmt: skip
STAYING: Final[tuple[type[Kept], ...]] = (Facility, Unit, Person)
"""Tables whose rows other rooms name, so that none is ever removed."""
IMPORTS: Final = ("import_chain", "import_people")
UNDOABLE: Final = (
    "found_chain", "add_position", "change_position", "appoint", "end_appointment", "give_mandate", "end_mandate", "delegate",
    "end_delegation", "put_on_duty", "end_shift", "note_absence", "end_absence", "undo_chain", *IMPORTS,
)  # fmt: skip


@dataclass(slots=True)
class Part:
    """What taking a revision back does to one table. rows: (id, cells) as in `Row`."""

    model: type[Kept]
    removes: list[int] = field(default_factory=list)
    restores: list[tuple[int, Row]] = field(default_factory=list)
    returns: list[tuple[int, Row]] = field(default_factory=list)
    brought: list[int] = field(default_factory=list)
    """Rows of a table that keeps them: they end, or are marked."""
    touched: int = 0
    """Rows that somebody wrote since; they stay."""

    @property
    def moves(self) -> int:
        """How many rows would be written."""
        return len(self.removes) + len(self.restores) + len(self.returns) + len(self.brought)


def outlook(revision: int) -> list[Part]:
    """What taking it back would do, table by table; writes nothing."""
    return [part for model in (*STAYING, *CHAIN) if (part := _part(model, revision)).moves or part.touched]


def undo(revision: int, *, by: Viewer, at: datetime, whole_only: bool = True) -> int:
    """Take a revision back; the number of the new one.

    whole_only: raise Conflict when something of it was touched since; without it that stays. Raises Refused when the chain would
    be invalid then.
    """
    was = Revision.objects.filter(pk=revision).first()
    if was is None or was.verb not in UNDOABLE:
        raise NotFound("There is no such change of the chain of command")
    own = was.by_id == by.person.pk and was.verb not in IMPORTS
    if not own and not by.may("manage_people" if was.verb == "import_people" else "edit_chain"):
        raise NotFound("There is no such change of the chain of command")
    try:
        with writing(by=by.person, at=at, verb="undo_chain", subject=was.subject) as w:
            return _undone(w, was, whole_only)
    except IntegrityError as error:
        raise Conflict("This cannot be taken back: what was changed since would not fit with it") from error


def _undone(w: Writing, was: Any, whole_only: bool) -> int:  # Any: a revision
    parts = outlook(was.pk)
    touched = sum(part.touched for part in parts)
    if whole_only and touched:
        raise Conflict(f"{counted(touched, 'row')} of this change {'was' if touched == 1 else 'were'} changed since; take that back first")  # fmt: skip
    for part in parts:
        w.remove(part.model, part.removes)
    for part in parts:
        end = tables()[part.model].columns.index('"end"') if part.model in CHAIN else -1
        ordered = sorted(part.restores, key=lambda row: row[1][end] == OPEN if end >= 0 else False)
        w.overwrite(part.model, ordered)
        w.insert(part.model, part.returns)
        _let_go(w, part)
    _refuse_dangling([record for part in parts if part.model is m.Position for record in part.removes])
    if (found := errors(whole().rows)) and m.Position.objects.exists():
        raise Refused(found)
    w.note = f"took back: {was.note or was.verb}"
    enqueue(CHAIN_FINDINGS, by=None, at=w.at, key=CHAIN_FINDINGS)
    ask_to_place(by=None, at=w.at)
    return w.number


def _refuse_dangling(positions: list[int]) -> None:
    """Raise Conflict when something names a position that would be gone."""
    if positions:
        named = m.Position.objects.filter(reports_to__in=positions).exists() or any(
            model.objects.filter(position__in=positions).exists()
            for model in CHAIN
            if model not in (m.Position, m.Absence)
        )
        if named:
            raise Conflict("Something was given to a position of this change since; take that back first")


def _let_go(w: Writing, part: Part) -> None:
    """What only that revision brought, of the tables that keep their rows."""
    for record in part.brought:
        one: Any = part.model.objects.get(pk=record)  # Any: a unit or a person
        if isinstance(one, Person):
            one.left = True
            end_sign_ins([record], w.at)
        elif isinstance(one, Unit):
            one.end = max(as_instant(w.at), one.start + 1)
        w.save(one)


def _part(model: type[Kept], revision: int) -> Part:
    """Numbers and names of ours only."""
    table = tables()[model]
    names = ", ".join(table.columns)
    part = Part(model)
    before = {
        line[0]: line[1:]
        for line in lines_of(f"SELECT record, {names} FROM {table.past_name} WHERE until = {revision:d}")
    }
    standing = {line[0] for line in lines_of(f"SELECT id FROM {table.name} WHERE since = {revision:d}")}
    later = {
        line[0]
        for line in lines_of(
            f"SELECT record FROM {table.past_name} WHERE since = {revision:d} "
            f"UNION SELECT p.record FROM {table.past_name} p JOIN {table.name} c ON c.id = p.record WHERE p.until = {revision:d} AND c.since > {revision:d}"
        )
    }
    part.touched = len(later)
    part.restores = [(record, before[record]) for record in sorted(standing & before.keys())]
    new = sorted(standing - before.keys())
    if model in STAYING:
        part.brought = new if model is not Facility else []
    else:
        part.removes = new
        part.returns = sorted(
            (record, row) for record, row in before.items() if record not in standing | later
        )
    return part


def in_words(parts: list[Part]) -> str:
    """`2 appointments put back, 1 position removed`."""
    told = []
    for part in parts:
        noun = part.model._meta.verbose_name
        for count, verb in (
            (len(part.restores) + len(part.returns), "put back"),
            (len(part.removes), "removed"),
            (len(part.brought), "let go"),
            (part.touched, "left as changed since"),
        ):
            if count:
                told.append(f"{counted(count, noun)} {verb}")
    return listed(told) or "nothing"


@transaction.atomic
def last_change(position: int) -> Any | None:  # Any: a revision
    """The last change of a position if nothing came after it that it depends on, so that it can be taken back."""
    was = Revision.objects.filter(subject=f"position:{position}", verb__in=UNDOABLE).order_by("-id").first()
    return was if was is not None and not any(part.touched for part in outlook(was.pk)) else None
