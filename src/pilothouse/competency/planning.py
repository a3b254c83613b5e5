"""The problem of a training plan: who may take which session, and which shortage that would close.

Source: docs/domains/competency.md, "Training plan".
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from pilothouse.competency.counting import Counting, Skills, ordinals
from pilothouse.competency.engine import Demands, Known, coverage, demands
from pilothouse.competency.holding import held
from pilothouse.competency.presence import present
from pilothouse.competency.spans import OPEN, Ints, Spans, expanded, united, without
from pilothouse.competency.stated import Bools, Problem, Sessions


def coded_sessions(facts: Known, table: pa.Table) -> Sessions:
    """The sessions in numbers. table: session, skill VARCHAR, level BIGINT, day DATE, hours, places BIGINT."""
    skill = facts.skills.names.codes(table["skill"])
    day = ordinals(table["day"], 0)
    refresher = facts.skills.refresher[skill]
    whole = [table[name].to_numpy() for name in ("level", "hours", "places")]
    return Sessions(skill, whole[0], day, np.minimum(day + refresher, OPEN), whole[1], whole[2])


def problem(facts: Known, needs: pa.Table, sessions: Sessions, hours: int, horizon: date) -> Problem:
    """What may be chosen, judged on the horizon. hours: in all, in 1 / 1000."""
    at = horizon.toordinal()
    wanted = demands(facts, needs)
    short = np.asarray(coverage(facts, needs, horizon).table["short"].to_numpy())
    lacking_person, lacking_need = _lacking(facts, wanted, short, at)
    width = max(len(wanted.skill), 1)
    gain_key, gain = np.unique(lacking_person * width + wanted.needs.demand[lacking_need], return_inverse=True)  # fmt: skip
    gain_person, gain_demand = gain_key // width, gain_key % width
    may, held_before, earlier = _may_take(facts, sessions)
    covers = _covers(facts.skills, sessions, wanted, at)
    helps = np.zeros(may.shape, bool)
    session, of_demand = np.nonzero(covers)
    lo, hi = np.searchsorted(of_demand_sorted := np.sort(of_demand), gain_demand), np.searchsorted(of_demand_sorted, gain_demand + 1)  # fmt: skip
    session = session[np.argsort(of_demand, kind="stable")]
    whose, nth = expanded(hi - lo)
    taken = session[lo[whose] + nth]
    possible = may[gain_person[whose], taken]
    whose, taken = whose[possible], taken[possible]
    helps[gain_person[whose], taken] = True
    _with_earlier(helps, may, held_before, earlier, sessions)
    number = np.cumsum(helps, axis=None).reshape(helps.shape) - 1
    person, chosen = np.nonzero(helps)
    needing = ~held_before[person, chosen]
    before = _before(number, helps, earlier, person, chosen, needing)
    return Problem(sessions, hours, short, person, chosen, needing, number[gain_person[whose], taken], whose, gain, lacking_need, *before, _courses(sessions, at))  # fmt: skip


def _courses(sessions: Sessions, at: int) -> Ints:
    """By session a number for its skill and level, or -1 if it ends before the horizon or the last session."""
    _, number = np.unique(sessions.skill * 10_000 + sessions.level, return_inverse=True)
    lasting = sessions.end > max(at, int(sessions.day.max(initial=0)))
    lapses = np.unique(number[~lasting])
    found: Ints = np.where(np.isin(number, lapses), -1, number)
    return found


def _lacking(facts: Known, wanted: Demands, short: Ints, at: int) -> tuple[Ints, Ints]:
    """Pairs of person and need: present at the need's place on the day, short of what it asks for, and able to get it."""
    people = max(len(facts.persons), 1)
    there = present(facts.staff, wanted.places)
    now = there.key[(there.start <= at) & (at < there.end)]
    place, person = now // people, now % people
    open_needs = np.flatnonzero(short > 0)
    open_needs = open_needs[np.argsort(wanted.needs.place[open_needs], kind="stable")]
    of_place = wanted.needs.place[open_needs]
    lo, hi = np.searchsorted(of_place, place), np.searchsorted(of_place, place + 1)
    whose, nth = expanded(hi - lo)
    need = open_needs[lo[whose] + nth]
    person = person[whose]
    demand = wanted.needs.demand[need]
    many = max(len(wanted.skill), 1)
    holds = _on(held(facts.counting, facts.skills, wanted.skill, wanted.level), at)
    lacks = ~_among(person * many + demand, holds)
    skill = wanted.skill[demand]
    may = ~facts.skills.asks[skill] | _among(person * len(facts.skills.names) + skill, _on(facts.counting.declared, at))  # fmt: skip
    kept = lacks & may
    return person[kept], need[kept]


def _on(spans: Spans, day: int) -> Ints:
    """The keys that have the day."""
    return spans.key[(spans.start <= day) & (day < spans.end)]


def _among(keys: Ints, known: Ints) -> Bools:
    """Which keys are among the known, which ascend."""
    if not len(known):
        return np.zeros(len(keys), bool)
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    found: Bools = known[at] == keys
    return found


def _may_take(facts: Known, sessions: Sessions) -> tuple[Bools, Bools, Bools]:
    """By person and session: may it be taken; is what it needs held anyway. By two sessions: does the first, taken
    earlier, give what the second needs."""
    people, many = len(facts.persons), len(sessions)
    free = _free(facts)
    may = np.zeros((people, many), bool)
    for session, day in enumerate(sessions.day):
        may[_on(free, int(day)), session] = True
    higher = np.flatnonzero(sessions.level > 1)
    anyway = np.ones((people, many), bool)
    anyway[:, higher] = False
    spans = held(facts.counting, facts.skills, sessions.skill[higher], sessions.level[higher] - 1)
    which = higher[spans.key % max(len(higher), 1)]
    holding = (spans.start <= sessions.day[which]) & (sessions.day[which] < spans.end)
    anyway[spans.key[holding] // max(len(higher), 1), which[holding]] = True
    declared = _declared(facts.counting, facts.skills, sessions, people)
    earlier = _gives(facts.skills, sessions)
    for session in np.argsort(sessions.day, kind="stable"):
        through = may[:, earlier[:, session]].any(axis=1) & declared[:, session]
        may[:, session] &= anyway[:, session] | through
    return may, anyway, earlier


def _free(facts: Known) -> Spans:
    """When who is assigned anywhere and not absent; key is the person."""
    staff = facts.staff
    assigned = united(staff.person, staff.start, staff.end)
    return without(assigned, assigned.key, staff.absent)


def _declared(counting: Counting, skills: Skills, sessions: Sessions, people: int) -> Bools:
    """By person and session: a declaration stands on its day, or none is asked for."""
    found = np.ones((people, len(sessions)), bool)
    for session in np.flatnonzero(skills.asks[sessions.skill]):
        key = _on(counting.declared, int(sessions.day[session]))
        found[:, session] = False
        found[key[key % len(skills.names) == sessions.skill[session]] // len(skills.names), session] = True
    return found


def _gives(skills: Skills, sessions: Sessions) -> Bools:
    """By two sessions: the first is earlier and gives the level below the second's, still on the second's day."""
    one, other = np.arange(len(sessions))[:, None], np.arange(len(sessions))[None, :]
    in_time = (sessions.day[one] < sessions.day[other]) & (sessions.day[other] < sessions.end[one])
    enough = (sessions.level[one] >= sessions.level[other] - 1) & (sessions.level[other] > 1)
    found: Bools = in_time & enough & _counts_for(skills, sessions.skill, sessions.skill)
    return found


def _counts_for(skills: Skills, had: Ints, wanted: Ints) -> Bools:
    """By two lists of skills: does evidence on the one count for the other."""
    many = max(len(skills.names), 1)
    pairs = np.sort(skills.chain_skill * many + skills.chain_ancestor)
    return _among((wanted[None, :] * many + had[:, None]).ravel(), pairs).reshape(len(had), len(wanted))


def _covers(skills: Skills, sessions: Sessions, wanted: Demands, at: int) -> Bools:
    """By session and wanted skill and level: whoever has taken the session holds it on the horizon."""
    in_time = (sessions.day <= at) & (at < sessions.end)
    enough = sessions.level[:, None] >= wanted.level[None, :]
    found: Bools = in_time[:, None] & enough & _counts_for(skills, sessions.skill, wanted.skill)
    return found


def _with_earlier(helps: Bools, may: Bools, anyway: Bools, earlier: Bools, sessions: Sessions) -> None:
    """Add to what helps the earlier sessions through which a later one can be taken."""
    for session in np.argsort(-sessions.day, kind="stable"):
        needing = np.flatnonzero(helps[:, session] & ~anyway[:, session])
        first = np.flatnonzero(earlier[:, session])
        if len(needing) and len(first):
            helps[np.ix_(needing, first)] |= may[np.ix_(needing, first)]


def _before(number: Ints, helps: Bools, earlier: Bools, person: Ints, session: Ints, needing: Bools) -> tuple[Ints, Ints]:  # fmt: skip
    """Pairs of a choice that needs an earlier one, and such an earlier one."""
    choice = np.flatnonzero(needing)
    first = np.sort(np.nonzero(earlier.T)[0])
    servers = np.nonzero(earlier.T)[1]
    lo, hi = np.searchsorted(first, session[choice]), np.searchsorted(first, session[choice] + 1)
    whose, nth = expanded(hi - lo)
    server = servers[lo[whose] + nth]
    there = helps[person[choice[whose]], server]
    return choice[whose[there]], number[person[choice[whose[there]]], server[there]]
