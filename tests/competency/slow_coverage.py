"""A second implementation of coverage: slow and obvious, day by day and person by person, as the domain page words it.

It shares no code with the engine. Days are `date`; nothing is precomputed but who was entitled to assess what.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from math import ceil


@dataclass(frozen=True)
class Assigned:
    person: str
    unit: str
    ladder: str = "user"
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Rostered:
    person: str
    unit: str
    shift: str
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Away:
    person: str
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Proof:
    person: str
    skill: str
    level: int
    kind: str
    got: date
    expires: date | None = None
    assessor: str | None = None
    withdrawn: date | None = None


@dataclass(frozen=True)
class Need:
    unit: str
    shift: str | None
    skill: str
    level: int
    people: int | None = None
    share: Fraction | None = None


@dataclass(frozen=True)
class SkillRow:
    name: str
    ladder: str = "user"
    parent: str = ""
    own: bool = False
    refresher: int | None = None
    declaration: bool = False


def within(start: date | None, d: date, end: date | None) -> bool:
    return (start is None or start <= d) and (end is None or d < end)


@dataclass(frozen=True)
class World:
    people: tuple[Assigned, ...]
    proofs: tuple[Proof, ...]
    needs: tuple[Need, ...]
    skills: tuple[SkillRow, ...] = ()
    roster: tuple[Rostered, ...] | None = None
    away: tuple[Away, ...] = ()
    known: dict[str, SkillRow] = field(init=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", {row.name: row for row in self.skills})
        object.__setattr__(self, "entitled", cache(self._entitled))

    def skill(self, name: str) -> SkillRow:
        return self.known.get(name, SkillRow(name))

    # 1. Counts

    def in_force(self, proof: Proof, d: date) -> bool:
        if proof.got > d:
            return False
        refresher = self.skill(proof.skill).refresher
        if proof.expires is not None:
            if d >= proof.expires:
                return False
        elif refresher is not None and d >= proof.got + timedelta(refresher):
            return False
        return proof.withdrawn is None or d < proof.withdrawn

    def _entitled(self, proof: Proof) -> bool:
        if not proof.assessor or proof.assessor == proof.person:
            return False
        least = 4 if self.skill(proof.skill).ladder == "technician" else 3
        earlier = tuple(one for one in self.proofs if one.got < proof.got)
        return self.holds(proof.assessor, proof.skill, max(proof.level, least), proof.got, earlier)

    def counts(self, proof: Proof, d: date) -> bool:
        if proof.kind == "declaration" or not self.in_force(proof, d):
            return False
        return proof.kind != "assessment" or self.entitled(proof)  # type: ignore[attr-defined]

    # 2. Holds

    def holds(
        self, person: str, skill: str, level: int, d: date, proofs: tuple[Proof, ...] | None = None
    ) -> bool:
        proofs = self.proofs if proofs is None else proofs
        mine = [one for one in proofs if one.person == person]
        if self.skill(skill).declaration and not any(one.kind == "declaration" and one.skill == skill and one.got <= d < one.got + timedelta(365) for one in mine):  # fmt: skip
            return False
        looked_at = skill
        while True:
            if any(one.skill == looked_at and one.level >= level and self.counts(one, d) for one in mine):
                return True
            here = self.skill(looked_at)
            if here.own or not here.parent:
                return False
            looked_at = here.parent

    # 3. Present

    def present(self, need: Need, d: date) -> set[Assigned]:
        """The assignments of those who are present."""
        found = set()
        for one in self.people:
            if one.unit != need.unit or not within(one.start, d, one.end):
                continue
            if any(a.person == one.person and within(a.start, d, a.end) for a in self.away):
                continue
            if need.shift and self.roster is not None and not any(r.person == one.person and r.unit == need.unit and r.shift == need.shift and within(r.start, d, r.end) for r in self.roster):  # fmt: skip
                continue
            found.add(one)
        return found

    # 4. needed, have, short

    def measured(self, need: Need, d: date) -> tuple[int, list[str]]:
        """needed, and the holders."""
        present = self.present(need, d)
        ladder = self.skill(need.skill).ladder
        if need.share is None:
            needed = need.people or 0
        else:
            needed = ceil(need.share * len({one.person for one in present if one.ladder == ladder}))
        holders = sorted({one.person for one in present if self.holds(one.person, need.skill, need.level, d)})
        return needed, holders

    def short(self, need: Need, d: date) -> int:
        needed, holders = self.measured(need, d)
        return max(0, needed - len(holders))

    # 5. breaks_on

    def quiet_from(self) -> date:
        """Nothing changes from this day on: every day that stands anywhere is past, and so is what runs for a year."""
        named = [day for one in self.people for day in (one.start, one.end)]
        named += [day for one in self.away for day in (one.start, one.end)]
        named += [day for one in self.roster or () for day in (one.start, one.end)]
        named += [day for one in self.proofs for day in (one.got, one.expires, one.withdrawn)]
        longest = max([365, *(row.refresher or 0 for row in self.skills)])
        return max([day for day in named if day], default=date(2026, 1, 1)) + timedelta(longest + 1)

    def breaks_on(self, need: Need, d: date) -> date | None:
        for days in range(max(1, min(1827, (self.quiet_from() - d).days + 1))):
            if self.short(need, d + timedelta(days)) > 0:
                return d + timedelta(days)
        return None

    def line(self, need: Need, d: date) -> dict[str, object]:
        needed, holders = self.measured(need, d)
        return {
            "unit": need.unit, "shift": need.shift, "skill": need.skill, "level": need.level, "needed": needed, "have": len(holders),
            "short": max(0, needed - len(holders)), "breaks_on": self.breaks_on(need, d),
            "single": "yes" if needed >= 1 and len(holders) == 1 else "", "holders": ";".join(holders),
        }  # fmt: skip

    def people_lines(self, d: date) -> list[dict[str, object]]:
        """Highest level held of every skill that occurs, and the first later day without it (None: there is none)."""
        last = max(self.quiet_from(), d) + timedelta(1)
        persons = sorted({one.person for one in self.proofs})
        names = {one.skill for one in self.proofs} | {one.skill for one in self.needs} | {row.name for row in self.skills} | {row.parent for row in self.skills if row.parent}  # fmt: skip
        found: list[dict[str, object]] = []
        for person in persons:
            for skill in sorted(names):
                level = next((lv for lv in range(6, 0, -1) if self.holds(person, skill, lv, d)), None)
                if level is None:
                    continue
                until = d
                while until < last and self.holds(person, skill, level, until):
                    until += timedelta(1)
                found.append({"person": person, "skill": skill, "level": level, "held_until": until if until < last else None})  # fmt: skip
        return found

    def never(self) -> dict[int, str]:
        """Place of every piece of evidence that counts on no day at all."""
        found = {}
        for place, one in enumerate(self.proofs):
            if one.kind == "declaration":
                if not self.skill(one.skill).declaration:
                    found[place] = "unasked"
            elif one.expires is not None and one.expires <= one.got:
                found[place] = "expired"
            elif one.withdrawn is not None and one.withdrawn <= one.got:
                found[place] = "withdrawn"
            elif one.kind == "assessment" and not one.assessor:
                found[place] = "unnamed"
            elif one.kind == "assessment" and one.assessor == one.person:
                found[place] = "self"
            elif one.kind == "assessment" and not self.entitled(one):  # type: ignore[attr-defined]
                found[place] = "not entitled"
        return found
