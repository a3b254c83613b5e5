"""What follows from what an advisory says: its severity in a word, and how long there is to act.

Source: docs/domains/exposure.md, "Severity and clock".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

CLOCK_POLICY: Final = "BOD 26-04, read from CVSS (version 1)"
_WORDS: Final = ((90, "critical"), (70, "high"), (40, "medium"), (1, "low"))
_LOWER: Final = {"critical": "high", "high": "medium", "medium": "low", "low": "low"}


def severity_of(tenths: int) -> str:
    """The word of a CVSS base score in tenths (CVSS 3.1, 5); empty for none."""
    return next((word for least, word in _WORDS if tenths >= least), "")


def tenths_of(cvss: str) -> int:
    """`9.8` as 98; 0 when there is no score."""
    return round(float(cvss) * 10) if cvss else 0


def finding_severity(word: str, *, kev: bool, affected: int) -> str:
    """How grave a finding is: known exploitation makes it critical; where devices may only be touched, one step less."""
    known = "critical" if kev else word or "medium"
    return known if affected else _LOWER[known]


@dataclass(frozen=True, slots=True)
class Danger:
    """What the clock asks of a vulnerability. automatable, total: read from its CVSS vector, as long as nobody says better."""

    kev: bool
    automatable: bool
    total: bool


def danger_of(vector: str, *, kev: bool) -> Danger:
    """automatable: over the network, without effort, privileges or a person; total: everything of confidentiality, integrity and availability."""
    parts = dict(part.split(":", 1) for part in vector.split("/") if ":" in part)
    over_network = parts.get("AV") == "N" and parts.get("AC") == "L"
    alone = parts.get("PR", parts.get("Au")) == "N" and parts.get("UI", "N") == "N"
    reach = [parts.get(short, parts.get(f"V{short}", "")) for short in "CIA"]
    return Danger(kev, over_network and alone, all(value in ("H", "C") for value in reach))


def time_to_act(dangers: list[Danger]) -> timedelta | None:
    """The shortest time over an advisory's vulnerabilities; None: with the next upgrade. Exposure to the internet is not known here and counts as no."""
    spans = [span for danger in dangers if (span := _span(danger)) is not None]
    return min(spans, default=None)


def _span(danger: Danger) -> timedelta | None:
    if danger.kev and danger.automatable:
        return timedelta(days=3 if danger.total else 14)
    if danger.kev:
        return timedelta(days=14)
    return timedelta(days=60) if danger.automatable else None
