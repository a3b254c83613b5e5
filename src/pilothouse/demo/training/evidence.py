"""The training records: a line of evidence for every entitlement, older ones beside it, and some that do not count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pilothouse.demo.dice import Dice
from pilothouse.demo.training.crew import Crew
from pilothouse.demo.training.holdings import TOP_LEVEL, Grant, Holdings, sign_offs
from pilothouse.demo.training.skills import needs, skills

HEADER = ("person", "skill", "level", "kind", "got", "expires", "assessor", "withdrawn")
COURSE, ASSESSMENT, CERTIFICATE, DECLARATION = "course", "assessment", "certificate", "declaration"

_SIGN_OFFS, _SIGN_OFF_DAYS = 5, 600
"""An assessor's own certificates: so many, so many days apart, so that one of them always counts."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line. level, got and expires are text, for some are wrong on purpose. wrong: why it does not count, or empty."""

    person: str
    skill: str
    level: str
    kind: str
    got: str
    expires: str = ""
    assessor: str = ""
    withdrawn: str = ""
    wrong: str = ""
    column: str = ""

    def cells(self) -> tuple[str, ...]:
        """Its cells in the order of HEADER."""
        return (
            self.person,
            self.skill,
            self.level,
            self.kind,
            self.got,
            self.expires,
            self.assessor,
            self.withdrawn,
        )


def evidence(held: Holdings) -> list[Evidence]:
    """Every line of the training records, in the order of the days on which they were got."""
    lines = [*_assessors(held.crew), *_declarations(held)]
    signing = {person for person, _, _ in sign_offs(held.crew)}
    for number, grant in enumerate(held):
        if grant.person not in signing:
            lines += _lines(held, number, grant)
    lines.sort(key=lambda one: (one.got, one.person, one.skill, one.level))
    return _spoilt(lines, held)


def _assessors(crew: Crew) -> Iterator[Evidence]:
    """Those who sign others off hold the top level of every skill of their ladder, over and over."""
    for person, skill, newest in sign_offs(crew):
        for back in range(_SIGN_OFFS):
            got = newest - timedelta(days=back * _SIGN_OFF_DAYS)
            yield Evidence(person, skill.name, str(TOP_LEVEL), CERTIFICATE, str(got))


def _declarations(held: Holdings) -> Iterator[Evidence]:
    """The yearly declarations, and for most the one of the year before."""
    for (person, skill), day in held.declared.items():
        yield Evidence(person, skill, "1", DECLARATION, str(day))
        if int(person[1:]) % 4:
            yield Evidence(person, skill, "1", DECLARATION, str(day - timedelta(days=361)))


def _lines(held: Holdings, number: int, grant: Grant) -> Iterator[Evidence]:
    """The line of a grant; for a third of them the one that it renewed."""
    dice = Dice(held.seed).at("evidence", number)
    got = grant.until - timedelta(days=grant.skill.refresher_days)
    kind = _kind(dice, grant)
    stated, before = dice.chance(0.3), dice.chance(0.33)
    assessor = ""
    if kind == ASSESSMENT:
        assessor = _assessor(held.crew, grant, dice)
        if not assessor or assessor == grant.person:
            kind, assessor = COURSE, ""
    line = Evidence(grant.person, grant.skill.name, str(grant.level), kind, str(got), str(grant.until) if stated else "", assessor)  # fmt: skip
    yield line
    if before and grant.level > 1:
        earlier = got - timedelta(days=grant.skill.refresher_days - dice.between(5, 60))
        yield replace(line, kind=COURSE, got=str(earlier), expires="", assessor="")


def _kind(dice: Dice, grant: Grant) -> str:
    share = dice.share()
    if grant.level == 1:
        return COURSE
    if grant.level == 2:
        return ASSESSMENT if share < 0.6 else COURSE
    return CERTIFICATE if share < 0.6 else ASSESSMENT


def _assessor(crew: Crew, grant: Grant, dice: Dice) -> str:
    """Whoever signs off at one of the hospitals; which one does not matter to the entitlement."""
    people = crew.educators if grant.skill.ladder == "user" else crew.leads
    return dice.pick([people[key] for key in sorted(people)])


# --- What does not count --------------------------------------------------------------------------------------


def _spoilt(lines: list[Evidence], held: Holdings) -> list[Evidence]:
    """Lines that do not count, put in among the others: about two in a hundred people have one."""
    out, nth = [], 0
    every = max(40, len(lines) // 30)
    asked_of_all = {need.skill.name for need in needs(held.crew.count) if need.level == 1}
    for number, line in enumerate(lines):
        out.append(line)
        if number % every == every // 2 and line.kind in (COURSE, ASSESSMENT):
            out.append(_wrong(line, nth, held))
            nth += 1
        elif (
            number % every == 1
            and line.level == "1"
            and line.kind == COURSE
            and line.skill not in asked_of_all
        ):
            withdrawn = date.fromisoformat(line.got) + timedelta(days=40)
            out[-1] = replace(line, withdrawn=str(min(withdrawn, held.crew.as_of)))
    return out


def _stranger(line: Evidence, nth: int, held: Holdings) -> str:
    """A colleague who holds nothing at all of this line's skill or those above it."""
    related = [skill.name for skill in skills()[line.skill].above()]
    signing = {*held.crew.educators.values(), *held.crew.leads.values(), line.person}
    people = [one.person for one in held.crew.members if one.person not in signing]
    turned = people[nth * 41 % len(people) :] + people
    return next(one for one in turned if not any((one, name) in held.grants for name in related))


def _wrong(line: Evidence, nth: int, held: Holdings) -> Evidence:
    """A line that can never count, for one of nine reasons; it says level 3, which nothing else gives this person."""
    claim = replace(
        line, level="3", kind=ASSESSMENT, expires="", assessor=_stranger(line, nth, held), withdrawn=""
    )
    kinds = (
        replace(claim, column="assessor", wrong="signed off by a colleague who was no super user"),
        replace(claim, assessor=line.person, column="assessor", wrong="signed off by the person"),
        replace(claim, assessor="", column="assessor", wrong="no assessor is named"),
        replace(claim, kind="seminar", column="kind", wrong="no kind of evidence"),
        replace(claim, level="expert", column="level", wrong="no level"),
        replace(claim, kind=COURSE, assessor="", got=f"{line.got[:4]}-13-04", column="got", wrong="no such day"),
        replace(claim, kind=CERTIFICATE, assessor="", expires=str(date.fromisoformat(line.got) - timedelta(days=30)), column="expires", wrong="ended before it was got"),
        replace(claim, person="", column="person", wrong="no person"),
        replace(claim, assessor="Dr. Whitaker", column="assessor", wrong="signed off by someone who holds nothing"),
    )  # fmt: skip
    return kinds[nth % len(kinds)]
