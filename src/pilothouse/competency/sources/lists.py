"""The room's lists as the relations its engines take; what cannot be right is named with its row and left out.

Source: docs/domains/competency.md, "Lists".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from pilothouse.competency.rules import KINDS, LADDERS, SHARE_PLACES, Ladder, Skill, chain, circles
from pilothouse.competency.sources.fields import (
    ABSENCES,
    EVIDENCE,
    MEANINGS,
    NEEDS,
    PEOPLE,
    ROSTER,
    SESSIONS,
    SKILLS,
)
from pilothouse.imports.checks import Check, failing, listed, need
from pilothouse.imports.fields import Field
from pilothouse.imports.sources import Rejected, Source
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.values import EMPTY_WORDS

_NOTHING = ", ".join("'" + word.replace("'", "''") + "'" for word in ("", *sorted(EMPTY_WORDS)))
_YES, _NO = "('yes', 'y', 'true', '1')", f"('no', 'n', 'false', '0', {_NOTHING})"
_LADDERS = ", ".join(f"'{ladder}'" for ladder in LADDERS)
_KINDS = ", ".join(f"'{kind}'" for kind in KINDS)
_DAY = "a day such as 2026-11-02"
_FORWARD = "from before to; the first day it no longer holds stands in to"
_WHOLE = "'[0-9]{1,7}([.,]0+)?'"


@dataclass(frozen=True, slots=True)
class Listed:
    """One list read: its relation, and what was rejected. table: `row` and `line` beside the engine's columns."""

    table: pa.Table
    rejected: list[Rejected]


def _bare(field: str) -> str:
    """In SQL: the cell, or null where it says nothing."""
    return f"CASE WHEN lower({field}) IN ({_NOTHING}) THEN NULL ELSE {field} END"


def _number(field: str) -> str:
    """In SQL: a whole number, or null."""
    return f"CASE WHEN regexp_full_match({field}, {_WHOLE}) THEN split_part(replace({field}, ',', '.'), '.', 1)::BIGINT END"


def _filled(field: str, what: str) -> Check:
    return Check(field, f'"{field}" IS NULL', f"no {what} is named", f"the {what}")


def _unread_day(name: str, *, empty: bool = True) -> Check:
    """Something stands in the cell that is no day; without it the row would say more than was meant. empty: nothing may
    stand there."""
    return Check(name, f"(\"{name}\" IS NULL AND coalesce(lower(trim(\"{name}_raw\")), '') NOT IN ({_NOTHING}))", "this day cannot be read", f"{_DAY}, or nothing" if empty else _DAY)  # fmt: skip


_SPAN = (
    _unread_day("from"),
    _unread_day("to"),
    Check("to", '"to" <= "from"', "it ends on or before the day it begins", _FORWARD),
)

_PEOPLE_CHECKS = (
    _filled("person", "person"),
    _filled("unit", "unit"),
    Check("ladder", f"ladder IS NULL OR ladder NOT IN ({_LADDERS})", "this is no ladder", "user or technician"),
    *_SPAN,
)  # fmt: skip
_ROSTER_CHECKS = (_filled("person", "person"), _filled("unit", "unit"), _filled("shift", "shift"), *_SPAN)
_ABSENCE_CHECKS = (_filled("person", "person"), *_SPAN)
_LEVEL_CHECK = Check("level", "level IS NULL OR level < 1", "this is no level", "a whole number from 1 on")
_DOUBTFUL = Check("skill", "doubtful", "what this skill asks for is not known, because its row in the list of skills was rejected", "that row put right")  # fmt: skip
_EVIDENCE_CHECKS = (
    _filled("person", "person"),
    _filled("skill", "skill"),
    Check("kind", f"kind IS NULL OR kind NOT IN ({_KINDS})", "this is no kind of evidence", "course, assessment, certificate or declaration"),
    Check("level", "level IS NULL AND (kind <> 'declaration' OR level_said) OR level < 1", "this is no level", "a whole number from 1 on"),
    _unread_day("got", empty=False),
    Check("got", "got IS NULL", "no day on which it was got", _DAY),
    _unread_day("expires"),
    _unread_day("withdrawn"),
    _DOUBTFUL,
)  # fmt: skip
_NEED_CHECKS = (
    _filled("unit", "unit"),
    _filled("skill", "skill"),
    _LEVEL_CHECK,
    Check("people", "people_said AND share_said", "both people and share are given", "one of them"),
    Check("people", "NOT people_said AND NOT share_said", "neither people nor share is given", "one of them"),
    Check("people", "people_said AND people IS NULL", "this is no number of people", "a whole number, none or more"),
    Check("share", "share_said AND (share IS NULL OR share > 1)", "this is no share", f"a number from 0 to 1 with at most {SHARE_PLACES} decimals, such as 0.5"),
    _DOUBTFUL,
)  # fmt: skip
_SKILL_CHECKS = (
    _filled("skill", "skill"),
    Check("ladder", f"ladder NOT IN ({_LADDERS})", "this is no ladder", "user, technician or nothing, which is user"),
    Check("own", "own_text NOT IN ('', 'yes', 'no')", "this is neither yes nor no", "yes, no or nothing"),
    Check("declaration", "declaration_text NOT IN ('', 'yes', 'no')", "this is neither yes nor no", "yes, no or nothing"),
    Check("refresher_days", "refresher_said AND (refresher_days IS NULL OR refresher_days < 1)", "this is no number of days", "a whole number from 1 on, or nothing for good"),
    Check("skill", "nth > 1", "this skill stands in an earlier row already", "each skill once"),
    Check("skill", "differ", "another row says otherwise of this skill", "each skill once"),
)  # fmt: skip
_SESSION_CHECKS = (
    _filled("session", "session"),
    Check("session", "nth > 1", "this session stands in an earlier row already", "each session once, with a name of its own"),
    _filled("skill", "skill"),
    _LEVEL_CHECK,
    _unread_day("day", empty=False),
    Check("day", "day IS NULL", "no day of the session", _DAY),
    Check("hours", "hours IS NULL", "these are no hours", "a number of hours, none or more, such as 1.5"),
    Check("places", "places IS NULL", "this is no number of places", "a whole number, none or more"),
    _DOUBTFUL,
)  # fmt: skip


def people(con: duckdb.DuckDBPyConnection, source: Source) -> Listed:
    """Who is assigned where: person, unit, ladder, from, to."""
    return _read(con, source, PEOPLE, ("person", "unit", "ladder"), f"person, unit, lower(ladder) AS ladder, {_span()}", _PEOPLE_CHECKS, "person, unit, ladder, \"from\", \"to\"")  # fmt: skip


def roster(con: duckdb.DuckDBPyConnection, source: Source) -> Listed:
    """Who is on which shift: person, unit, shift, from, to."""
    return _read(con, source, ROSTER, ("person", "unit", "shift"), f"person, unit, {_bare('shift')} AS shift, {_span()}", _ROSTER_CHECKS, "person, unit, shift, \"from\", \"to\"")  # fmt: skip


def absences(con: duckdb.DuckDBPyConnection, source: Source) -> Listed:
    """Who is away: person, from, to."""
    return _read(con, source, ABSENCES, ("person",), f"person, {_span()}", _ABSENCE_CHECKS, "person, \"from\", \"to\"")  # fmt: skip


def evidence(con: duckdb.DuckDBPyConnection, source: Source, doubtful: Collection[str]) -> Listed:
    """Evidence: person, skill, level, kind, got, expires, assessor, withdrawn. doubtful: skills nothing is sure of."""
    _doubt(con, doubtful)
    columns = f"""person, skill, {_number("level")} AS level, {_said("level")} AS level_said,
        lower(kind) AS kind, got::DATE AS got, expires::DATE AS expires, {_bare("assessor")} AS assessor, withdrawn::DATE AS withdrawn,
        coalesce(skill IN (SELECT skill FROM doubtful_skills), false) AS doubtful"""  # names of this module
    return _read(con, source, EVIDENCE, ("person", "skill", "level", "kind", "got"), columns, _EVIDENCE_CHECKS, "person, skill, coalesce(level, 1) AS level, kind, got, expires, assessor, withdrawn")  # fmt: skip


def needs(con: duckdb.DuckDBPyConnection, source: Source, skills: Mapping[str, Skill], doubtful: Collection[str]) -> Listed:  # fmt: skip
    """Needs: unit, shift, skill, level, people, share in 1 / 10^12. A need on a doubtful skill, or on one below it, is rejected."""
    below = {name for name in skills if not set(chain(skills, name)).isdisjoint(doubtful)}
    _doubt(con, {*doubtful, *below})
    columns = f"""unit, {_bare("shift")} AS shift, skill, {_number("level")} AS level,
        {_number("people")} AS people, {_said("people")} AS people_said, {_said("share")} AS share_said,
        CASE WHEN regexp_full_match(share, '([0-9][.,]?|[0-9]?[.,][0-9]{{1,{SHARE_PLACES}}})') THEN replace(share, ',', '.')::DECIMAL(18, {SHARE_PLACES}) END AS share,
        coalesce(skill IN (SELECT skill FROM doubtful_skills), false) AS doubtful"""  # names of this module
    return _read(con, source, NEEDS, ("unit", "skill", "level"), columns, _NEED_CHECKS, f"unit, shift, skill, level, people, (share * {10**SHARE_PLACES})::BIGINT AS share")  # fmt: skip


def sessions(con: duckdb.DuckDBPyConnection, source: Source, doubtful: Collection[str], since: date | None = None) -> Listed:  # fmt: skip
    """Sessions: session, skill, level, day, hours in 1 / 1000, places, assessor. since: those before are over."""
    _doubt(con, doubtful)
    over = [Check("day", f"day < DATE '{since}'", "this session is over on the reference day", f"a day from {since} on")] if since else []  # fmt: skip
    columns = f"""session, skill, {_number("level")} AS level, day::DATE AS day, {_bare("assessor")} AS assessor,
        CASE WHEN regexp_full_match(hours, '[0-9]{{1,5}}([.,][0-9]{{0,3}})?|[.,][0-9]{{1,3}}') THEN (replace(hours, ',', '.')::DECIMAL(18, 3) * 1000)::BIGINT END AS hours,
        {_number("places")} AS places, row_number() OVER (PARTITION BY session ORDER BY "row") AS nth,
        coalesce(skill IN (SELECT skill FROM doubtful_skills), false) AS doubtful"""  # names of this module
    return _read(con, source, SESSIONS, ("session", "skill", "level", "day", "hours", "places"), columns, (*_SESSION_CHECKS, *over), "session, skill, level, day, hours, places, assessor")  # fmt: skip


_MEANING_CHECKS = (
    Check("what", "what IS NULL OR what NOT IN ('skill', 'person')", "this is neither a skill nor a person", "skill or person"),
    _filled("seen", "name as it is seen"),
    _filled("means", "name that is meant"),
    Check("level", "level_said AND (level IS NULL OR level < 1)", "this is no level", "a whole number from 1 on, or nothing"),
    Check("seen", "nth > 1", "this name stands in an earlier row already", "each name once"),
)  # fmt: skip


def meanings(con: duckdb.DuckDBPyConnection, source: Source) -> Listed:
    """What names of statements and badges mean here: what (skill or person), seen, means, level."""
    columns = f"""lower(what) AS what, seen, means, {_number("level")} AS level, {_said("level")} AS level_said,
        row_number() OVER (PARTITION BY lower(what), seen ORDER BY "row") AS nth"""
    return _read(con, source, MEANINGS, ("what", "seen", "means"), columns, _MEANING_CHECKS, "what, seen, means, level")  # fmt: skip


@dataclass(frozen=True, slots=True)
class SkillList:
    """The skills by name, those of which nothing is sure because their row was rejected, and what was rejected."""

    skills: Mapping[str, Skill]
    doubtful: frozenset[str]
    rejected: list[Rejected]


def skills(con: duckdb.DuckDBPyConnection, source: Source) -> SkillList:
    """The skills. Raises UnreadableInput, with names and rows, if parents go in a circle."""
    columns = f"""skill, coalesce(lower({_bare("ladder")}), 'user') AS ladder, coalesce({_bare("parent")}, '') AS parent,
        {_yes_no("own")} AS own_text, {_yes_no("declaration")} AS declaration_text, {_number("refresher_days")} AS refresher_days,
        {_said("refresher_days")} AS refresher_said, row_number() OVER (PARTITION BY skill ORDER BY "row") AS nth,
        {_all_says("min")} <> {_all_says("max")} AS differ"""
    found = _read(con, source, SKILLS, ("skill",), columns, _SKILL_CHECKS, "skill, ladder, parent, own_text = 'yes' AS own, refresher_days, declaration_text = 'yes' AS declaration")  # fmt: skip
    rows = found.table.to_pylist()
    said = {row["skill"]: Skill(row["skill"], _ladder(row["ladder"]), row["parent"], row["own"], row["refresher_days"], row["declaration"]) for row in rows}  # fmt: skip
    place = {row["skill"]: row["row"] for row in rows}
    if rings := circles(said):
        told = "; ".join(" -> ".join(f"{name} (row {place[name]})" for name in ring) + f" -> {ring[0]}" for ring in rings)  # fmt: skip
        raise UnreadableInput(f"{source.file}: parents go in a circle: {told}; take one parent out of each circle")  # fmt: skip
    named = {row[0] for row in con.execute("SELECT DISTINCT skill FROM read_list WHERE skill IS NOT NULL").fetchall()}  # fmt: skip
    return SkillList(said, frozenset(named - said.keys()), found.rejected)


def _ladder(text: str) -> Ladder:
    return "technician" if text == "technician" else "user"


def _all_says(of: str) -> str:
    """In SQL: the least or greatest of what the rows of one skill say."""
    says = "concat_ws('|', lower(coalesce(ladder, '')), coalesce(parent, ''), lower(coalesce(own, '')), coalesce(refresher_days, ''), lower(coalesce(declaration, '')))"  # fmt: skip
    return f"{of}({says}) OVER (PARTITION BY skill)"


def _yes_no(field: str) -> str:
    """In SQL: yes, no, or the text that is neither."""
    return f"CASE WHEN {field} IS NULL OR lower({field}) IN {_NO} THEN 'no' WHEN lower({field}) IN {_YES} THEN 'yes' ELSE {field} END"  # fmt: skip


def _said(field: str) -> str:
    return f"({field} IS NOT NULL AND lower({field}) NOT IN ({_NOTHING}))"


def _span() -> str:
    return '"from"::DATE AS "from", "to"::DATE AS "to"'


def _doubt(con: duckdb.DuckDBPyConnection, doubtful: Collection[str]) -> None:
    con.register("doubtful_skills", pa.table({"skill": pa.array(sorted(doubtful), pa.string())}))


def _read(con: duckdb.DuckDBPyConnection, source: Source, fields: Sequence[Field], needed: Sequence[str], columns: str, checks: Sequence[Check], kept: str) -> Listed:  # fmt: skip
    """The rows that pass every check, in order. columns: what the checks look at; kept: what the engine takes."""
    need(source, needed)
    listed(con, source, fields, "listed_rows")
    con.execute(f'CREATE OR REPLACE TEMP TABLE read_list AS SELECT "row", line, COLUMNS(\'_raw$\'), {columns} FROM listed_rows')  # fmt: skip  # names of this module
    rejected, out = failing(con, source, fields, "read_list", checks)
    con.register("out_rows", pa.table({"row": pa.array(sorted(out), pa.int64())}))
    table = con.sql(f'SELECT "row", line, {kept} FROM read_list ANTI JOIN out_rows USING ("row") ORDER BY "row"').to_arrow_table()  # fmt: skip  # names of this module
    con.unregister("out_rows")
    con.unregister("listed_rows")
    # A cell that could not be read and put its row out is told once, by the check that did.
    earlier = [one for one in source.rejected if one.row is None or one.row not in out]
    return Listed(table, sorted([*earlier, *rejected], key=lambda one: (one.row is None, one.row or 0)))
