"""The demo's advisories: CSAF 2.0 documents in our own words over the facts of real ones, with KEV and EPSS beside them.

Each document's id says that it is a demo's; its reference names the CISA advisory whose facts it holds.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pilothouse.demo.facts import several, table

AFFECTED, POSSIBLE, NOT_AFFECTED = "affected", "possible", "not_affected"
EVERY = "*"
"""In the table of leaves: every version is affected."""

Json = dict[str, Any]
"""A CSAF object; its values are JSON."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One product of an advisory: its words for maker, product and versions, and which of our versions they mean."""

    vendor: str
    name: str
    range: str
    product: str
    affected: tuple[str, ...]
    fixed: str


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One CVE of an advisory. `score` is its CVSS v3 base score; `kev_added` is empty if not known exploited."""

    cve: str
    score: float
    vector: str
    cwe: str
    weakness: str
    epss: str
    percentile: str
    kev_added: str


@dataclass(frozen=True, slots=True)
class Advisory:
    """One advisory with its products and vulnerabilities."""

    key: str
    original: str
    released: str
    revised: str
    version: int
    title: str
    leaves: tuple[Leaf, ...]
    vulnerabilities: tuple[Vulnerability, ...]


@cache
def advisories() -> tuple[Advisory, ...]:
    """Every advisory, in the order of the table."""
    leaves: dict[str, list[Leaf]] = defaultdict(list)
    for row in table("leaves.csv"):
        leaves[row["advisory"]].append(Leaf(row["vendor"], row["name"], row["range"], row["product"], several(row["affected"]), row["fixed"]))  # fmt: skip
    flaws: dict[str, list[Vulnerability]] = defaultdict(list)
    for row in table("vulnerabilities.csv"):
        flaws[row["advisory"]].append(Vulnerability(row["cve"], float(row["score"]), row["vector"], row["cwe"], row["weakness"], row["epss"], row["percentile"], row["kev_added"]))  # fmt: skip
    return tuple(
        Advisory(
            row["advisory"], row["original"], row["released"], row["revised"], int(row["version"]), row["title"],
            tuple(leaves[row["advisory"]]), tuple(flaws[row["advisory"]]),
        )
        for row in table("advisories.csv")
    )  # fmt: skip


@cache
def verdicts(product: str, version: str) -> tuple[tuple[str, str, str], ...]:
    """What the advisories say of a device that states this product and version: (CVE, advisory, status).

    version: one of the product's own, or empty for none that can be read. Sorted by advisory and CVE; empty
    if no advisory names the product. Affected beats possible beats not affected.
    """
    found: list[tuple[str, str, str]] = []
    for advisory in advisories():
        leaves = [leaf for leaf in advisory.leaves if leaf.product == product]
        if leaves:
            status = _status(leaves, version)
            found.extend((flaw.cve, advisory.key, status) for flaw in advisory.vulnerabilities)
    return tuple(sorted(found, key=lambda one: (one[1], one[0])))


def _status(leaves: Iterable[Leaf], version: str) -> str:
    affected = {one for leaf in leaves for one in leaf.affected}
    if EVERY in affected or version in affected:
        return AFFECTED
    return NOT_AFFECTED if version else POSSIBLE


def write_advisories(folder: Path, as_of: date) -> None:
    """The folder of advisories: one CSAF document a file by year, a superseded revision, kev.json and epss.csv."""
    for advisory in advisories():
        _save(folder / advisory.released[:4] / f"{advisory.key.lower()}.json", document(advisory))
    revised = next(one for one in advisories() if one.version > 1 and len(one.leaves) > 1)
    _save(folder / "earlier-revisions" / f"{revised.key.lower()}.json", document(_first_revision(revised)))
    _save(folder / "kev.json", _known_exploited(as_of))
    _write_epss(folder / "epss.csv", as_of)


def _save(path: Path, content: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _first_revision(advisory: Advisory) -> Advisory:
    """The advisory as it first was: fewer products were known to be affected."""
    return Advisory(advisory.key, advisory.original, advisory.released, advisory.released, 1, advisory.title, advisory.leaves[:1], advisory.vulnerabilities)  # fmt: skip


def document(advisory: Advisory) -> Json:
    """The advisory as a CSAF 2.0 document."""
    ids = {leaf: f"CSAFPID-{place:04d}" for place, leaf in enumerate(advisory.leaves, start=1)}
    fixed = {
        leaf: f"CSAFPID-9{place:03d}" for place, leaf in enumerate(advisory.leaves, start=1) if leaf.fixed
    }
    return {
        "document": _head(advisory),
        "product_tree": {"branches": _branches(advisory, ids, fixed)},
        "vulnerabilities": [_vulnerability(flaw, list(ids.values()), list(fixed.values())) for flaw in advisory.vulnerabilities],
    }  # fmt: skip


def _head(advisory: Advisory) -> Json:
    return {
        "category": "csaf_security_advisory",
        "csaf_version": "2.0",
        "lang": "en-US",
        "distribution": {"tlp": {"label": "WHITE"}},
        "notes": [{"category": "general", "title": "Demonstration", "text": f"Written for a demonstration; the facts are those of {advisory.original}, the words are not."}],
        "publisher": {"category": "other", "name": "Pilothouse demo", "namespace": "https://demo.pilothouse.invalid"},
        "references": [{"category": "external", "summary": f"CISA {advisory.original}", "url": f"https://www.cisa.gov/news-events/ics-medical-advisories/{advisory.original.lower()}"}],
        "title": advisory.title,
        "tracking": {
            "id": advisory.key,
            "status": "final",
            "version": str(advisory.version),
            "initial_release_date": f"{advisory.released}T00:00:00.000000Z",
            "current_release_date": f"{advisory.revised}T00:00:00.000000Z",
            "revision_history": [{"number": str(advisory.version), "date": f"{advisory.revised}T00:00:00.000000Z", "summary": "Present state"}],
        },
    }  # fmt: skip


def _branches(advisory: Advisory, ids: dict[Leaf, str], fixed: dict[Leaf, str]) -> list[Json]:
    """Vendor, product, version: the path by which CISA names a product."""
    vendors: dict[str, dict[str, list[Json]]] = defaultdict(lambda: defaultdict(list))
    for leaf in advisory.leaves:
        versions = vendors[leaf.vendor][leaf.name]
        versions.append(_version(leaf, leaf.range, ids[leaf]))
        if leaf in fixed:
            versions.append(_version(leaf, leaf.fixed, fixed[leaf]))
    return [
        {"category": "vendor", "name": vendor, "branches": [{"category": "product_name", "name": name, "branches": versions} for name, versions in names.items()]}
        for vendor, names in vendors.items()
    ]  # fmt: skip


def _version(leaf: Leaf, text: str, key: str) -> Json:
    ranged = text.startswith(("<", ">", "vers:"))
    return {
        "category": "product_version_range" if ranged else "product_version",
        "name": text,
        "product": {"name": f"{leaf.name}: {text}", "product_id": key},
    }


def _vulnerability(flaw: Vulnerability, affected: list[str], fixed: list[str]) -> Json:
    status: Json = {"known_affected": affected}
    if fixed:
        status["fixed"] = fixed
    return {
        "cve": flaw.cve,
        "cwe": {"id": flaw.cwe, "name": flaw.weakness},
        "notes": [{"category": "summary", "title": "Summary", "text": f"{flaw.weakness} ({flaw.cwe}) in the products named."}],
        "product_status": status,
        "remediations": [{"category": "mitigation", "details": "Keep the device off networks it does not need and ask the maker for an update.", "product_ids": affected}],
        "scores": [{"cvss_v3": {"version": flaw.vector[5:8], "vectorString": flaw.vector, "baseScore": flaw.score, "baseSeverity": _severity(flaw.score)}, "products": affected}],
    }  # fmt: skip


def _severity(score: float) -> str:
    """The CVSS v3 rating of a base score."""
    bounds = ((9.0, "CRITICAL"), (7.0, "HIGH"), (4.0, "MEDIUM"), (0.1, "LOW"))
    return next((name for least, name in bounds if score >= least), "NONE")


def _flaws() -> list[Vulnerability]:
    """Every vulnerability once, by its CVE."""
    return list({flaw.cve: flaw for advisory in advisories() for flaw in advisory.vulnerabilities}.values())


def _known_exploited(as_of: date) -> Json:
    """CISA's catalogue of known exploited vulnerabilities as far as it concerns the demo."""
    listed = [flaw for flaw in _flaws() if flaw.kev_added]
    return {
        "title": "Known exploited vulnerabilities (demo extract)",
        "catalogVersion": f"{as_of:%Y.%m.%d}",
        "dateReleased": f"{as_of}T00:00:00.0000Z",
        "count": len(listed),
        "vulnerabilities": [
            {"cveID": flaw.cve, "vulnerabilityName": flaw.weakness, "dateAdded": flaw.kev_added, "knownRansomwareCampaignUse": "Unknown", "cwes": [flaw.cwe]}
            for flaw in listed
        ],
    }  # fmt: skip


def _write_epss(path: Path, as_of: date) -> None:
    """EPSS in the form FIRST publishes it: a line on the model, a header, commas."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"#model_version:v2025.03.14,score_date:{as_of}T00:00:00+0000\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("cve", "epss", "percentile"))
        writer.writerows((flaw.cve, flaw.epss, flaw.percentile) for flaw in _flaws() if flaw.epss)
