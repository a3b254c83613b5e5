"""What the public advisories say, as frozen dataclasses: the meaning that every feed is brought to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Standing = Literal["affected", "first", "last", "investigated", "fixed", "not_affected"]
"""What an advisory says of a product it names. `first` and `last`: only that end of the affected versions is named."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One product as an advisory names it: the path vendor / family / product / version.

    version: as written (`<= 9.33`, `vers:all/*`, prose); empty: no version is named.
    """

    product_id: str
    vendor: str
    family: str
    product: str
    version: str
    model_numbers: tuple[str, ...] = ()
    running_on: str = ""


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One vulnerability with the standing of each product id.

    id: the CVE, else the advisory's own id for it. cvss: the highest base score of the newest CVSS version
    present, one decimal; empty when there is none. vector: of that score; weakness: the words of its CWE.
    """

    id: str
    cvss: str
    standings: tuple[tuple[str, Standing], ...]
    vector: str = ""
    weakness: str = ""


@dataclass(frozen=True, slots=True)
class Advisory:
    """One advisory in one revision. id: the publisher's tracking id."""

    id: str
    title: str
    publisher: str
    released: datetime
    version: str
    leaves: tuple[Leaf, ...]
    vulnerabilities: tuple[Vulnerability, ...]


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file that was meant to be read and could not be; it is passed over and named."""

    file: str
    problem: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every advisory in its newest revision, with what is known of exploitation.

    exploited: CVEs of the KEV catalogue. epss: by CVE the probability as the file writes it.
    superseded: older revisions left out. passed_over: files that are no advisory.
    """

    advisories: tuple[Advisory, ...]
    exploited: frozenset[str] = frozenset()
    epss: Mapping[str, str] = field(default_factory=dict)
    superseded: int = 0
    passed_over: int = 0
    damaged: tuple[Damaged, ...] = ()
