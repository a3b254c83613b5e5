"""Until when a finding must be settled: the published rules, and what pauses do to a day that was set. Pure.

Each rule has a name and a version, which a finding keeps with the day it set. Source: docs/domains/governance.md, "Clocks".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from pilothouse.kernel.times import DAY, OPEN, Instant

Severity = Literal["critical", "high", "medium", "low"]
Exploitation = Literal["none", "public poc", "active"]
Exposure = Literal["small", "controlled", "open"]
HumanImpact = Literal["low", "medium", "high", "very high"]
Safety = Literal["negligible", "marginal", "critical", "catastrophic"]
Mission = Literal["degraded", "mef support crippled", "mef failure", "mission failure"]
Decision = Literal["defer", "scheduled", "out-of-cycle", "immediate"]

KEV: Final = "CISA BOD 26-04, 10 Jun 2026"
SSVC: Final = "SSVC deployer tree 1.0.0"
BY_SEVERITY: Final = "House rule by severity, version 1"


@dataclass(frozen=True, slots=True)
class Clock:
    """What a rule allows. days: None for "with the next upgrade"; forensic: secure evidence before patching; why: in words."""

    rule: str
    days: int | None
    why: str
    forensic: bool = False

    def due_at(self, opened_at: Instant) -> Instant:
        """The instant at which the time is up; OPEN without a clock."""
        return OPEN if self.days is None else opened_at + self.days * DAY


def bod_26_04(*, in_kev: bool, exposed: bool, automatable: bool, total_impact: bool) -> Clock:
    """The remediation clock of CISA's BOD 26-04, from its table of sixteen rows.

    Three true: 3 days. KEV counts most: alone it is 14 days, exposure or automation alone 60, but exposure with total impact 14.
    """
    true = [
        name
        for name, holds in (("known exploited", in_kev), ("exposed", exposed), ("automatable", automatable))
        if holds
    ]
    impact = "Total impact" if total_impact else "Partial impact"
    why = f"{impact}; {' and '.join(true) if len(true) < 3 else 'known exploited, exposed and automatable'}"
    if not true:
        return Clock(KEV, None, f"{impact}; neither known exploited, exposed nor automatable")
    if len(true) == 1:
        quick = in_kev or (exposed and total_impact)
        return Clock(KEV, 14 if quick else 60, why)
    days = 3 if total_impact or len(true) == 3 else 14
    return Clock(KEV, days, why, forensic=total_impact and in_kev)


_IMPACTS: Final[tuple[HumanImpact, ...]] = ("low", "medium", "high", "very high")
_DECISIONS: Final[dict[str, Decision]] = {
    "d": "defer",
    "s": "scheduled",
    "o": "out-of-cycle",
    "i": "immediate",
}
_DEPLOYER: Final[dict[tuple[Exploitation, Exposure], tuple[str, str]]] = {
    ("none", "small"): ("ddss", "dsss"),
    ("none", "controlled"): ("dsss", "ssss"),
    ("none", "open"): ("dsss", "ssso"),
    ("public poc", "small"): ("dsss", "ssss"),
    ("public poc", "controlled"): ("dsss", "ssso"),
    ("public poc", "open"): ("ssso", "ssoo"),
    ("active", "small"): ("ssoo", "sooo"),
    ("active", "controlled"): ("ssoo", "oooo"),
    ("active", "open"): ("sooi", "ooii"),
}
"""By exploitation and exposure: not automatable, automatable; in each the four human impacts from low to very high."""
_HUMAN: Final[dict[Safety, str]] = {
    "negligible": "llmv",
    "marginal": "llmv",
    "critical": "mhhv",
    "catastrophic": "vvvv",
}
_MISSIONS: Final[tuple[Mission, ...]] = ("degraded", "mef support crippled", "mef failure", "mission failure")
_SSVC_DAYS: Final[dict[Decision, int | None]] = {
    "immediate": 3,
    "out-of-cycle": 14,
    "scheduled": 60,
    "defer": None,
}


def human_impact(safety: Safety, mission: Mission) -> HumanImpact:
    """What a failure would do to people, of SSVC's table of sixteen rows."""
    letter = _HUMAN[safety][_MISSIONS.index(mission)]
    return next(impact for impact in _IMPACTS if impact[0] == letter)


def ssvc_decision(
    exploitation: Exploitation, exposure: Exposure, automatable: bool, impact: HumanImpact
) -> Decision:
    """The deployer's decision, of SSVC's table of 72 rows."""
    return _DECISIONS[_DEPLOYER[exploitation, exposure][automatable][_IMPACTS.index(impact)]]


def ssvc(exploitation: Exploitation, exposure: Exposure, automatable: bool, impact: HumanImpact) -> Clock:
    """The clock of SSVC's decision. SSVC names no days; ours are those of BOD 26-04: 3, 14, 60, next upgrade."""
    decision = ssvc_decision(exploitation, exposure, automatable, impact)
    why = f"Decision {decision}: exploitation {exploitation}, exposure {exposure}, human impact {impact}"
    return Clock(SSVC, _SSVC_DAYS[decision], why)


_SEVERITY_DAYS: Final[dict[Severity, int | None]] = {"critical": 3, "high": 14, "medium": 60, "low": None}


def by_severity(severity: Severity) -> Clock:
    """Where nothing but the severity is known: the three lengths of BOD 26-04; low has no clock."""
    return Clock(BY_SEVERITY, _SEVERITY_DAYS[severity], f"Severity {severity}")


def work_day_after(day: date, work_days: int, holidays: frozenset[date] = frozenset()) -> date:
    """The last day for what is due within so many work days of becoming aware (21 CFR 803.30: 10). work_days >= 1."""
    left = work_days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5 and day not in holidays
    return day


Pause = tuple[Instant, Instant]
"""From and until when a clock stood still, half-open."""


def paused(pauses: Sequence[Pause]) -> int:
    """How long it stood still in all, in microseconds."""
    return sum(end - start for start, end in pauses)


def with_pauses(due_at: Instant, pauses: Sequence[Pause]) -> Instant:
    """The due instant, later by all pauses; what has no clock gets none."""
    return due_at if due_at >= OPEN else due_at + paused(pauses)
