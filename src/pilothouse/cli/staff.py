"""The lists that `coverage` and `training plan` share: people, evidence, needs, skills, roster, absences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from pilothouse.cli.lists import mappings, read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import duckdb
    import pyarrow as pa

    from pilothouse.competency.engine import Lists
    from pilothouse.competency.rules import Skill
    from pilothouse.competency.sources.documents import Documents, Meanings
    from pilothouse.competency.sources.evidence import File
    from pilothouse.imports.fields import Field
    from pilothouse.imports.sources import Rejected, Source
    from pilothouse.kernel.progress import Progress

PEOPLE = typer.Option(..., "--people", metavar="P", help="Who is assigned where: person,unit,ladder,from,to.")
EVIDENCE = typer.Option(..., "--evidence", metavar="E", help="person,skill,level,kind,got,expires,assessor,withdrawn; or xAPI statements, or Open Badges 3.0, a file or a folder of them. May be said several times.")  # fmt: skip
NEEDS = typer.Option(..., "--needs", metavar="N", help="unit,shift,skill,level,people,share: exactly one of people and share.")  # fmt: skip
SKILLS = typer.Option(None, "--skills", metavar="S", help="skill,ladder,parent,own,refresher_days,declaration.")  # fmt: skip
ROSTER = typer.Option(None, "--roster", metavar="R", help="Who is on which shift: person,unit,shift,from,to.")
ABSENCES = typer.Option(None, "--absences", metavar="A", help="Who is away: person,from,to.")
MEANINGS = typer.Option(None, "--meanings", metavar="FILE", help="What names of statements and badges mean here: what(skill|person),seen,means,level.")  # fmt: skip
MAPS = typer.Option([], "--map", metavar="FILE:FIELD=COLUMN", help="Corrects the guess of a column: people.csv:unit='Cost center'.")  # fmt: skip
RAW = typer.Option(False, "--raw", help="Write cells as they are, without the guard against formulas.")


@dataclass(frozen=True, slots=True)
class Files:
    """The input files as typed."""

    people: str
    evidence: Sequence[str]
    needs: str
    skills: str | None
    roster: str | None
    absences: str | None
    meanings: str | None
    sessions: str | None = None

    def every(self) -> list[str]:
        """All of them, in the order of the command line."""
        optional = (self.skills, self.roster, self.absences, self.meanings, self.sessions)
        return [self.people, *self.evidence, self.needs, *(file for file in optional if file)]


@dataclass(slots=True)
class Staffing:
    """What was read: the engine's lists, the sources that later words need, and what was rejected so far."""

    lists: Lists
    skills: dict[str, Skill]
    doubtful: frozenset[str]
    needs: Source
    files: list[File]
    rejected: list[Rejected]
    mapping: dict[str, dict[str, str]]


def gather(con: duckdb.DuckDBPyConnection, files: Files, maps: list[str], progress: Progress) -> Staffing:
    """Read every list. Raises UnreadableInput for a file that cannot be read and for circles in skills."""
    import pyarrow as pa

    from pilothouse.competency.engine import Lists
    from pilothouse.competency.sources import fields, lists
    from pilothouse.competency.sources.evidence import gathered

    plain = [one for one in files.evidence if not _is_document(one)]
    shape: dict[str, Sequence[Field]] = {files.people: fields.PEOPLE, **dict.fromkeys(plain, fields.EVIDENCE), files.needs: fields.NEEDS}  # fmt: skip
    for file, own in ((files.skills, fields.SKILLS), (files.roster, fields.ROSTER), (files.absences, fields.ABSENCES), (files.meanings, fields.MEANINGS), (files.sessions, fields.SESSIONS)):  # fmt: skip
        if file:
            shape[file] = own
    said = dict(zip(shape, mappings(maps, list(shape), list(shape.values())), strict=True))
    rejected: list[Rejected] = []

    def source(file: str) -> Source:
        return read(file, list(shape).index(file), shape[file], said[file], progress)

    skills: dict[str, Skill] = {}
    doubtful: frozenset[str] = frozenset()
    if files.skills:
        known = lists.skills(con, source(files.skills))
        skills, doubtful = dict(known.skills), known.doubtful
        rejected += known.rejected
    people = lists.people(con, source(files.people))
    meant = lists.meanings(con, source(files.meanings)) if files.meanings else None
    evidence, refused = _evidence(con, files, doubtful, source, people.table, meant.table if meant else None)
    rejected += meant.rejected if meant else ()
    needs_source = source(files.needs)
    needs = lists.needs(con, needs_source, skills, doubtful)
    roster = lists.roster(con, source(files.roster)) if files.roster else None
    absences = lists.absences(con, source(files.absences)) if files.absences else None
    rejected += [*people.rejected, *refused, *needs.rejected, *(roster.rejected if roster else ()), *(absences.rejected if absences else ())]  # fmt: skip
    nobody = pa.table({"person": pa.nulls(0, pa.string()), "from": pa.nulls(0, pa.date32()), "to": pa.nulls(0, pa.date32())})  # fmt: skip
    engine_lists = Lists(people.table, gathered(evidence), needs.table, skills, roster.table if roster else None, absences.table if absences else nobody)  # fmt: skip
    return Staffing(engine_lists, skills, doubtful, needs_source, evidence, rejected, said)


def _is_document(file: str) -> bool:
    from pilothouse.competency.sources.documents import is_document

    return is_document(file)


def _evidence(con: duckdb.DuckDBPyConnection, files: Files, doubtful: frozenset[str], source: Callable[[str], Source], people: pa.Table, meant: pa.Table | None) -> tuple[list[File], list[Rejected]]:  # fmt: skip
    """The evidence of every file, told apart by what stands in it."""
    from functools import partial

    from pilothouse.competency.sources import lists
    from pilothouse.competency.sources.documents import Meaning, Meanings, documents
    from pilothouse.competency.sources.evidence import File
    from pilothouse.competency.sources.fields import EVIDENCE as FIELDS
    from pilothouse.imports.checks import originals

    rows = meant.to_pylist() if meant else []
    by_what = {what: {row["seen"]: Meaning(row["means"], row["level"]) for row in rows if row["what"] == what} for what in ("skill", "person")}  # fmt: skip
    meanings = Meanings(by_what["skill"], by_what["person"], frozenset(people["person"].to_pylist()))
    found: list[File] = []
    rejected: list[Rejected] = []
    for name in files.evidence:
        if _is_document(name):
            read_from = documents(name, meanings)
            found += read_from.files
            rejected += read_from.rejected
            _tell_documents(name, read_from, meanings)
            continue
        listed_in = source(name)
        listed = lists.evidence(con, listed_in, doubtful)
        found.append(File(name, listed.table, listed_in.mapping, partial(originals, listed_in, FIELDS)))
        rejected += listed.rejected
    return found, rejected


def _tell_documents(name: str, documents: Documents, meanings: Meanings) -> None:
    """How statements and badges were understood, so that --meanings can correct it."""
    from pilothouse.cli.told import first, say
    from pilothouse.core.words import counted

    rows = [row for file in documents.files for row in file.table.to_pylist()]
    over = f", {counted(documents.passed_over, 'other file')} passed over" if documents.passed_over else ""
    say(f"{name}: {counted(len(rows), 'statement or badge', 'statements and badges')} taken as evidence, {len(documents.rejected):,} refused{over}; signatures and lists of revocations were not asked")  # fmt: skip
    skills = sorted({(row["skill"], row["level"]) for row in rows})
    for text in first(f"{skill} at level {level}" for skill, level in skills):
        say(f"  understood as: {text}")
    strange = sorted({row["person"] for row in rows} - set(meanings.known))
    for text in first(f"{person} stands in no list of people; --meanings FILE says whom it means" for person in strange):  # fmt: skip
        say(f"  {text}")


def source_of(staffing: Staffing, files: Files, name: str, progress: Progress) -> Source:
    """A further list of the command, such as the sessions."""
    from pilothouse.competency.sources.fields import SESSIONS

    return read(name, len(files.every()), SESSIONS, staffing.mapping[name], progress)
