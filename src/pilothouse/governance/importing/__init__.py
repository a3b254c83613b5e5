"""The files of a chain of command brought into the tables: what would change, and the change, whole or not at all.

The files are the whole chain: rows they no longer have are withdrawn (the record keeps them), positions and units end, people are
marked as having left. What an optional column nowhere states stays as it is. Doing it again changes nothing.
Source: docs/domains/governance.md, "Import".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from pilothouse.core.jobs import enqueue
from pilothouse.core.keeping import writing
from pilothouse.core.models import Person, Revision, Setting
from pilothouse.core.words import counted, listed
from pilothouse.equipment.jobs import ask_to_place
from pilothouse.governance import words
from pilothouse.governance.command.jobs import CHAIN_FINDINGS
from pilothouse.governance.importing.compare import Kind, as_stated, compared
from pilothouse.governance.importing.write import Writer
from pilothouse.governance.loading import ZONE
from pilothouse.governance.recorded import KINDS, whole
from pilothouse.kernel.times import as_instant


@dataclass(slots=True)
class Outcome:
    """What an import would do or did, by kind; `revision` is 0 where nothing was to be done."""

    kinds: dict[str, Kind]
    based_on: int
    revision: int = 0

    @property
    def moves(self) -> int:
        """How many rows would be written."""
        return sum(kind.moves for kind in self.kinds.values())

    def counts(self) -> dict[str, int]:
        """Rows that are new, changed, ended and the same, over all kinds."""
        kinds = self.kinds.values()
        return {
            "new": sum(len(kind.new) for kind in kinds),
            "changed": sum(len(kind.changed) for kind in kinds),
            "ended": sum(len(kind.ended) for kind in kinds),
            "unchanged": sum(kind.same for kind in kinds),
        }

    def in_words(self) -> str:
        """`12 new appointments, 1 ended position`, or that nothing would change."""
        parts = [
            f"{counted(len(rows), f'{what} {noun}', f'{what} {plural}')}"
            for kind, (noun, plural) in _NOUNS.items()
            if kind in self.kinds
            for what, rows in (("new", self.kinds[kind].new), ("changed", self.kinds[kind].changed), ("ended", self.kinds[kind].ended))
            if rows
        ]  # fmt: skip
        return listed(parts) or "nothing to change"


_NOUNS: Final = {
    "units": ("unit", "units"),
    "positions": ("position", "positions"),
    "people": ("person", "people"),
    "appointments": ("appointment", "appointments"),
    "mandates": ("mandate", "mandates"),
    "absences": ("absence", "absences"),
    "roster": ("shift", "shifts"),
    "delegations": ("delegation", "delegations"),
}


def preview(rows: words.Rows, at: datetime, only: Sequence[str] = KINDS) -> Outcome:
    """What bringing these (valid) rows in would change. only: the kinds that are looked at."""
    last = Revision.objects.order_by("-id").values_list("id", flat=True).first() or 0
    had = whole(everyone=True)
    said = as_stated(rows, had)
    instant = as_instant(at)
    return Outcome({kind: compared(kind, said, had, instant) for kind in only}, last)


@transaction.atomic
def apply(
    rows: words.Rows,
    *,
    by: Person | None,
    at: datetime,
    source: str = "",
    only: Sequence[str] = KINDS,
    verb: str = "import_chain",
) -> Outcome:
    """Bring the rows in as one revision. Nothing is written, and no revision made, where nothing changes."""
    outcome = preview(rows, at, only)
    if "positions" in only:
        Setting.objects.update_or_create(name=ZONE, defaults={"value": rows.zone.key})
    if not outcome.moves:
        return outcome
    with writing(by=by, at=at, verb=verb, subject="governance:chain", note=_note(outcome, source)) as w:
        if w.number != outcome.based_on + 1:  # somebody wrote since we looked
            outcome = preview(rows, at, only)
        Writer(w, rows, outcome.kinds).write()
        outcome.revision = w.number
        enqueue(CHAIN_FINDINGS, by=None, at=w.at, key=CHAIN_FINDINGS)
        ask_to_place(by=None, at=w.at)
    return outcome


def _note(outcome: Outcome, source: str) -> str:
    return f"{source}: {outcome.in_words()}" if source else outcome.in_words()
