"""Small worlds as the engine takes them, and strategies that draw them close to every boundary of the rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from pilothouse.competency.engine import Lists
from pilothouse.competency.rules import Skill
from pilothouse.competency.sweeping import WHOLE
from tests.competency.slow_coverage import Assigned, Away, Need, Proof, Rostered, SkillRow, World

AT = date(2026, 11, 2)
_TEXT, _DAY, _WHOLE = pa.string(), pa.date32(), pa.int64()


def _table(rows: Sequence[Any], **columns: tuple[str, pa.DataType]) -> pa.Table:
    return pa.table({name: pa.array([getattr(row, own) for row in rows], kind) for name, (own, kind) in columns.items()})  # fmt: skip


_SPAN = {"from": ("start", _DAY), "to": ("end", _DAY)}


def lists(world: World) -> Lists:
    """The world as relations."""
    shares = [None if need.share is None else int(need.share * WHOLE) for need in world.needs]
    needs = _table(world.needs, unit=("unit", _TEXT), shift=("shift", _TEXT), skill=("skill", _TEXT), level=("level", _WHOLE), people=("people", _WHOLE))  # fmt: skip
    skills = {row.name: Skill(row.name, "technician" if row.ladder == "technician" else "user", row.parent, row.own, row.refresher, row.declaration) for row in world.skills}  # fmt: skip
    roster = None
    if world.roster is not None:
        roster = _table(world.roster, person=("person", _TEXT), unit=("unit", _TEXT), shift=("shift", _TEXT), **_SPAN)  # fmt: skip
    return Lists(
        _table(world.people, person=("person", _TEXT), unit=("unit", _TEXT), ladder=("ladder", _TEXT), **_SPAN),
        _table(world.proofs, person=("person", _TEXT), skill=("skill", _TEXT), level=("level", _WHOLE), kind=("kind", _TEXT), got=("got", _DAY), expires=("expires", _DAY), assessor=("assessor", _TEXT), withdrawn=("withdrawn", _DAY)),
        needs.append_column("share", pa.array(shares, _WHOLE)),
        skills,
        roster,
        _table(world.away, person=("person", _TEXT), **_SPAN),
    )  # fmt: skip


NEAR = (-500, -366, -365, -364, -40, -20, -3, -2, -1, 0, 1, 2, 3, 20, 40, 90, 364, 365, 366, 1825, 1826, 1827)
"""Days from the reference day, crowded where a rule changes its mind."""
days = st.sampled_from([AT + timedelta(n) for n in NEAR])
maybe_days = st.none() | days
early_days = st.sampled_from([AT + timedelta(n) for n in NEAR if n <= 20])
people = st.sampled_from(["Ana", "Ben", "Chief", "Dee"])
units = st.sampled_from(["ICU", "OR"])
shifts = st.sampled_from(["day", "night"])
names = st.sampled_from(["pump", "syringe pump", "infusion", "repair"])
levels = st.sampled_from([1, 2, 3, 3, 3, 4, 5])
spans = st.tuples(maybe_days, maybe_days).filter(lambda s: s[0] is None or s[1] is None or s[0] < s[1])

assigned = st.builds(lambda p, u, ladder, s: Assigned(p, u, ladder, *s), people, units, st.sampled_from(["user", "user", "technician"]), spans)  # fmt: skip
rostered = st.builds(lambda p, u, sh, s: Rostered(p, u, sh, *s), people, units, shifts, spans)
away = st.builds(lambda p, s: Away(p, *s), people, spans)
proofs = st.builds(Proof, people, names, levels, st.sampled_from(["course", "assessment", "assessment", "certificate", "declaration"]), early_days, maybe_days, st.none() | people, st.none() | st.none() | days)  # fmt: skip
shares = st.sampled_from([Fraction(0), Fraction(1, 10), Fraction(1, 3).limit_denominator(1000), Fraction(1, 2), Fraction(7, 10), Fraction(1)]).map(lambda f: Fraction(int(f * WHOLE), WHOLE))  # fmt: skip
needs = st.builds(lambda u, sh, s, lv, how: Need(u, sh, s, lv, *how), units, st.none() | shifts, names, levels, st.tuples(st.sampled_from([0, 1, 1, 2]), st.none()) | st.tuples(st.none(), shares))  # fmt: skip
refreshers = st.sampled_from([None, 1, 30, 365])


@st.composite
def skill_lists(draw: st.DrawFn) -> tuple[SkillRow, ...]:
    """Some of the skills, with parents only upward, so that there is no circle."""
    order = ["pump", "syringe pump", "infusion", "repair", "devices"]
    rows = []
    for place, name in enumerate(order[:-1]):
        if draw(st.booleans()):
            parent = draw(st.sampled_from(["", *order[place + 1 :]]))
            rows.append(SkillRow(name, draw(st.sampled_from(["user", "user", "technician"])), parent, draw(st.sampled_from([False, False, True])), draw(refreshers), draw(st.sampled_from([False, False, True]))))  # fmt: skip
    return tuple(rows)


worlds = st.builds(
    World,
    st.lists(assigned, min_size=1, max_size=6).map(tuple),
    st.lists(proofs, max_size=12).map(tuple),
    st.lists(needs, min_size=1, max_size=3).map(tuple),
    skill_lists(),
    st.none() | st.lists(rostered, max_size=5).map(tuple),
    st.lists(away, max_size=2).map(tuple),
)

# Worlds of one skill and its category in which one is taught and then each signs off the next, mostly entitled: on the
# same day or a day later, with evidence that ends around then, with and without declarations, and with strays between.
_order = ("Chief", "Ana", "Ben", "Dee", "Elif", "Finn")
_pump = st.sampled_from(["pump", "pump", "infusion"])
_step = st.tuples(_pump, st.sampled_from([3, 4, 4, 5]), st.sampled_from([0, 1, 1, 2]), st.sampled_from([None, None, None, 1, 2, 3]), st.sampled_from([None, None, None, None, 2]), st.sampled_from([-1, -1, -1, -2, 0, 1]))  # fmt: skip
_declared = st.tuples(st.sampled_from(_order), _pump, st.sampled_from([-380, -366, -365, -364, -14, -12, -10, -8, -6, -4, -2, 0]))  # fmt: skip
_pumps = st.builds(
    lambda ladder, own, asks, refresher, above: (SkillRow("pump", ladder, "infusion", own, refresher, asks), SkillRow("infusion", ladder, refresher=refresher, declaration=above)),
    st.sampled_from(["user", "user", "technician"]), st.sampled_from([False, False, False, True]), st.sampled_from([False, False, True]), st.sampled_from([None, None, 2, 3]), st.sampled_from([False, False, False, True]),
)  # fmt: skip


@st.composite
def chains(draw: st.DrawFn) -> World:
    """A chain of assessors."""
    day = AT - timedelta(14)
    proofs = [Proof("Chief", draw(_pump), draw(st.sampled_from([4, 5])), "course", day)]
    for at, (skill, level, days, lasts, withdrawn, who) in enumerate(
        draw(st.lists(_step, min_size=2, max_size=6)), 1
    ):
        day += timedelta(days)
        person = _order[at % len(_order)]
        ends = None if lasts is None else day + timedelta(lasts)
        proofs.append(Proof(person, skill, level, "assessment", day, ends, _order[(at + who) % len(_order)], None if withdrawn is None else day + timedelta(withdrawn)))  # fmt: skip
    if draw(st.booleans()):
        proofs += [Proof(name, skill, 1, "declaration", AT - timedelta(15)) for name in _order for skill in ("pump", "infusion")]  # fmt: skip
    proofs += [Proof(name, skill, 1, "declaration", AT + timedelta(days)) for name, skill, days in draw(st.lists(_declared, max_size=4))]  # fmt: skip
    everyone = tuple(Assigned(name, "ICU") for name in _order)
    needs = (Need("ICU", None, "pump", draw(st.sampled_from([3, 4])), 1), Need("ICU", None, "infusion", 3, 2))
    return World(everyone, tuple(draw(st.permutations(proofs))), needs, draw(_pumps))


chains_of_assessors = chains()

# Worlds in which what a need rests on ends, or begins, around the last day that is watched.
_far = st.sampled_from([None, *(AT + timedelta(n) for n in (1, 90, 1825, 1826, 1827, 1828))])
_last = st.builds(
    lambda a, b, end, away_from, on, parts: World(
        (Assigned("Ana", "ICU", "user", None, a), Assigned("Ben", "ICU", "user", b, None)),
        (Proof("Ana", "pump", 3, "course", AT, end), Proof("Ben", "pump", 3, "course", AT)),
        (Need("ICU", None, "pump", 3, 1), Need("ICU", "night", "pump", 2, None, Fraction(1, 2)), Need("ICU", None, "pump", 3, 2)),
        (),
        tuple(Rostered(name, "ICU", "night", None, on) for name in ("Ana", "Ben")) if parts else None,
        (Away("Ben", away_from, None),) if away_from else (),
    ),
    _far, _far, _far, _far, _far, st.booleans(),
)  # fmt: skip
ends_of_the_time_watched = _last
