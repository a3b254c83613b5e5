"""A plain second reading of training records, day by day, straight from the rules: slow, and none of the house's code.

Lines whose level, day or kind cannot be read are left out, as are those without a person.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import ceil
from pathlib import Path

from tests.demo.reading import table

Line = dict[str, str]
FIRST_ASSESSOR = {"user": 3, "technician": 4}


@dataclass(frozen=True)
class Verdict:
    """What one need comes to on one day."""

    needed: int
    holders: tuple[str, ...]

    @property
    def short(self) -> int:
        return max(0, self.needed - len(self.holders))

    @property
    def single(self) -> bool:
        return self.needed >= 1 and len(self.holders) == 1


def day_of(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def within(line: Line, day: date) -> bool:
    start, end = day_of(line["from"]), day_of(line["to"])
    return (start is None or start <= day) and (end is None or day < end)


class Judge:
    """The rules of competency over the files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.skills = {line["skill"]: line for line in table(folder / "skills.csv")}
        self.needs = table(folder / "needs.csv")
        self.assigned: dict[str, list[Line]] = defaultdict(list)
        for line in table(folder / "people.csv"):
            self.assigned[line["unit"]].append(line)
        self.rostered: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
        for line in table(folder / "roster.csv"):
            self.rostered[line["person"], line["unit"], line["shift"]].append(line)
        self.absent: dict[str, list[Line]] = defaultdict(list)
        for line in table(folder / "absences.csv"):
            self.absent[line["person"]].append(line)
        self.evidence: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for line in table(folder / "evidence.csv"):
            if self.readable(line):
                self.evidence[line["person"], line["skill"]].append(line)
        self.lasts = cache(self._lasts)

    def readable(self, line: Line) -> bool:
        if not (line["person"] and line["level"].isdigit() and line["kind"] in ("course", "assessment", "certificate", "declaration")):  # fmt: skip
            return False
        try:
            return all(line[name] is not None and (not line[name] or day_of(line[name])) for name in ("got", "expires"))  # fmt: skip
        except ValueError:
            return False

    def ends(self, line: Line) -> date:
        """The day from which on a line no longer counts."""
        got = date.fromisoformat(line["got"])
        refresher = self.skills[line["skill"]]["refresher_days"]
        expires = day_of(line["expires"]) or (got + timedelta(days=int(refresher)) if refresher else date.max)
        return min(expires, day_of(line["withdrawn"]) or date.max)

    def entitled(self, line: Line) -> bool:
        if line["kind"] != "assessment":
            return True
        got = date.fromisoformat(line["got"])
        if line["assessor"] in ("", line["person"]):
            return False
        level = max(int(line["level"]), FIRST_ASSESSOR[self.skills[line["skill"]]["ladder"]])
        return self.holds(line["assessor"], line["skill"], level, got, before=got)

    def _lasts(self, person: str, skill: str) -> list[tuple[int, date, date]]:
        """Level, first and last day but one of every line of a person on a skill that can count."""
        lines = [one for one in self.evidence[person, skill] if one["kind"] != "declaration" and self.entitled(one)]  # fmt: skip
        return [(int(one["level"]), date.fromisoformat(one["got"]), self.ends(one)) for one in lines]

    def holds(self, person: str, skill: str, level: int, day: date, before: date | None = None) -> bool:
        """before: only evidence got earlier than this day."""
        if self.skills[skill]["declaration"] and not any(
            one["kind"] == "declaration" and day - timedelta(days=365) < date.fromisoformat(one["got"]) <= day
            for one in self.evidence[person, skill]
        ):
            return False
        name = skill
        while True:
            for held, got, ends in self.lasts(person, name):
                if held >= level and got <= day < ends and (before is None or got < before):
                    return True
            if not self.skills[name]["parent"] or self.skills[name]["own"]:
                return False
            name = self.skills[name]["parent"]

    def present(self, unit: str, shift: str, day: date) -> dict[str, str]:
        """Everyone present in a unit and shift, with the ladder."""
        return {
            line["person"]: line["ladder"]
            for line in self.assigned[unit]
            if within(line, day)
            and not any(within(one, day) for one in self.absent[line["person"]])
            and (not shift or any(within(one, day) for one in self.rostered[line["person"], unit, shift]))
        }

    def verdict(self, need: Line, day: date) -> Verdict:
        present = self.present(need["unit"], need["shift"], day)
        ladder = self.skills[need["skill"]]["ladder"]
        staff = sum(one == ladder for one in present.values())
        needed = int(need["people"]) if need["people"] else ceil(round(float(need["share"]) * staff, 9))
        level = int(need["level"])
        return Verdict(needed, tuple(one for one in sorted(present) if self.holds(one, need["skill"], level, day)))  # fmt: skip

    def breaks(self, need: Line, day: date, days: int) -> date | None:
        """The first day, from `day` to so many days later, on which the need is short."""
        for later in range(days + 1):
            if self.verdict(need, day + timedelta(days=later)).short:
                return day + timedelta(days=later)
        return None
