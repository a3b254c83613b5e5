"""Devices and advisories in tables, for the tests of the server's side."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pilothouse.core.keeping import writing
from pilothouse.equipment import fleet
from pilothouse.equipment.models import Equipment
from pilothouse.exposure.sources import Feeds
from pilothouse.exposure.sources.csaf import read_csaf
from tests.conftest import NOW

Json = dict[str, Any]


def add_devices(rows: Iterable[Mapping[str, str]], places: Mapping[str, Any] | None = None) -> list[int]:
    """Devices by their fields; `at` names a place of the fixture `places` (a facility or a unit)."""
    listed = list(rows)
    with writing(by=None, at=NOW, verb="add_devices") as w:
        ids = list(w.new_ids(Equipment, len(listed)))
        fleet.add(w, [(number, _row(row, places or {})) for number, row in zip(ids, listed, strict=True)])
    return ids


def change_device(number: int, **values: str) -> None:
    """Set fields of a device."""
    columns = fleet.COLUMNS
    with writing(by=None, at=NOW, verb="change_device") as w:
        before = dict(zip(columns, fleet.stored([number])[number], strict=True))
        fleet.change(w, [(number, tuple({**before, **values}[name] for name in columns))])


def _row(values: Mapping[str, str], places: Mapping[str, Any]) -> tuple[Any, ...]:
    place = places.get(values.get("at", ""))
    facility = unit = None
    if place is not None:
        unit = place.pk if hasattr(place, "facility_id") else None
        facility = place.facility_id if unit else place.pk
    told = {"status": "in use", **{name: value for name, value in values.items() if name != "at"}}
    return fleet.as_row(told, facility=facility, unit=unit, device_model=None, sources=1)


def csaf(
    tracking: str = "ICSMA-24-001-01",
    *products: tuple[str, str, str],
    title: str = "Nimbus infusion pumps",
    version: str = "1",
    released: str = "2024-01-02T00:00:00Z",
    cves: tuple[str, ...] = ("CVE-2024-0001",),
    vendor: str = "Acme",
    score: float = 9.8,
    status: str = "known_affected",
) -> Json:
    """A CSAF document. products: (name, version range, product id); all of them have the status for all CVEs."""
    listed = products or (("Nimbus 300", "<= 2.0", "P1"),)
    return {
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "title": title,
            "publisher": {"name": "CISA", "category": "coordinator", "namespace": "https://www.cisa.gov/"},
            "notes": [
                {
                    "category": "summary",
                    "text": "Somebody near could change a dose.",
                    "title": "Risk evaluation",
                }
            ],
            "tracking": {"id": tracking, "version": version, "current_release_date": released},
            "references": [
                {"category": "self", "summary": "Web", "url": "https://www.cisa.gov/advisories/x"},
                {"category": "self", "summary": "Bad", "url": "javascript:alert(1)"},
            ],
        },
        "product_tree": {
            "branches": [
                {
                    "category": "vendor",
                    "name": vendor,
                    "branches": [
                        {
                            "category": "product_name",
                            "name": name,
                            "branches": [
                                {
                                    "category": "product_version_range",
                                    "name": versions,
                                    "product": {"name": f"{name} {versions}", "product_id": number},
                                }
                            ],
                        }
                        for name, versions, number in listed
                    ],
                }
            ]
        },
        "vulnerabilities": [
            {
                "cve": cve,
                "cwe": {"id": "CWE-311", "name": "Missing Encryption of Sensitive Data"},
                "notes": [{"category": "summary", "text": "Credentials lie in clear text."}],
                "product_status": {status: [number for _, _, number in listed]},
                "scores": [
                    {
                        "products": [number for _, _, number in listed],
                        "cvss_v3": {
                            "version": "3.1",
                            "baseScore": score,
                            "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                        },
                    }
                ],
                "remediations": [{"category": "vendor_fix", "details": "Update to 2.1."}],
            }
            for cve in cves
        ],
    }


def folder_of(path: Path, *documents: Json, kev: tuple[str, ...] = (), epss: Mapping[str, str] | None = None) -> Path:  # fmt: skip
    """A folder with these documents, and KEV and EPSS files when they are told."""
    path.mkdir(parents=True, exist_ok=True)
    for number, document in enumerate(documents):
        (path / f"{number}.json").write_text(json.dumps(document), "utf-8")
    if kev:
        entries = [{"cveID": cve, "dateAdded": "2026-08-01", "dueDate": "2026-08-22", "knownRansomwareCampaignUse": "Known"} for cve in kev]  # fmt: skip
        (path / "kev.json").write_text(json.dumps({"vulnerabilities": entries}), "utf-8")
    if epss is not None:
        lines = [f"{cve},{score},0.5" for cve, score in epss.items()]
        (path / "epss.csv").write_text("\n".join(["#model_version:v4,score_date:2026-08-16T00:00:00Z", "cve,epss,percentile", *lines]), "utf-8")  # fmt: skip
    return path


def feeds_of(*documents: Json) -> Feeds:
    """The documents as a sync reads them."""
    return Feeds(
        advisories=tuple(read_csaf(document) for document in documents),
        documents={
            document["document"]["tracking"]["id"]: zlib.compress(json.dumps(document).encode())
            for document in documents
        },
    )
