"""What follows from what an advisory says: its severity in a word, what its clock asks, how a finding is called.

Source: docs/domains/exposure.md, "Severity and clock".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

_WORDS: Final = ((90, "critical"), (70, "high"), (40, "medium"), (1, "low"))


def severity_of(tenths: int) -> str:
    """The word of a CVSS base score in tenths (CVSS 3.1, 5); empty for none."""
    return next((word for least, word in _WORDS if tenths >= least), "")


def tenths_of(cvss: str) -> int:
    """`9.8` as 98; 0 when there is no score."""
    return round(float(cvss) * 10) if cvss else 0


Grade = Literal["critical", "high", "medium", "low"]
_GRADES: Final[dict[str, Grade]] = {"critical": "critical", "high": "high", "medium": "medium", "low": "low"}
_LOWER: Final[dict[Grade, Grade]] = {"critical": "high", "high": "medium", "medium": "low", "low": "low"}


def finding_severity(word: str, *, kev: bool, affected: int) -> Grade:
    """How grave a finding is: known exploitation makes it critical; where devices may only be touched, one step less."""
    known: Grade = "critical" if kev else _GRADES.get(word, "medium")
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


_UPDATE: Final = re.compile(r"\s*\(Update [A-Z0-9]+\)\s*$", re.IGNORECASE)
_TRACKED: Final = re.compile(r"^ICSM?A-\d\d-\d{3}-\d\d[A-Z]?[\s_:-]+", re.IGNORECASE)


def plain_title(title: str) -> str:
    """An advisory's title without its own number in front and without `(Update A)` behind."""
    return _TRACKED.sub("", _UPDATE.sub("", title)).strip() or title.strip()


def finding_title(title: str, noun: str, *, affected: int, possible: int) -> str:
    """A sentence that holds its numbers. noun: what most of the devices are called, one of them (`infusion pump`)."""
    told = plain_title(title).rstrip(".")
    if not affected:
        return f"{told}: {counted(possible, noun)} may be affected"
    more = f", {possible:,} more may be" if possible else ""
    return f"{told}: {counted(affected, noun)} affected{more}"


def counted(number: int, noun: str) -> str:
    """`1 infusion pump`, `105 infusion pumps`."""
    if number == 1:
        return f"1 {noun}"
    ending = "ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun[-1]}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun[-1]}s"  # fmt: skip
    return f"{number:,} {noun[:-1]}{ending}"


def noun_of(names: Mapping[str, int]) -> str:
    """What one of these devices is called: the description that at least three in five of them bear, else `device`.

    names: how many devices bear each description. Short words in capitals stay so (`CT scanner`), but not in a description that is written in capitals throughout.
    """
    everyone = sum(names.values())
    folded: dict[str, int] = {}
    for name, number in names.items():
        key = " ".join(_worded(word, shouted=name.isupper()) for word in name.split())
        folded[key] = folded.get(key, 0) + number
    best = max(folded, key=lambda key: (folded[key], key), default="")
    fits = best and len(best) <= _LONGEST_NOUN and "," not in best and not any(c.isdigit() for c in best)
    return best if fits and folded[best] * 5 >= everyone * 3 else "device"


def _worded(word: str, *, shouted: bool) -> str:
    return word if word.upper() == word and (word in _ACRONYMS if shouted else len(word) <= _SHORT) else word.lower()  # fmt: skip


_ACRONYMS: Final = frozenset({"CT", "CPAP", "ECG", "EEG", "EKG", "ICU", "MR", "MRI", "OR", "PACS", "PC", "PET", "UPS"})  # fmt: skip
_SHORT: Final = 4
_LONGEST_NOUN: Final = 40
