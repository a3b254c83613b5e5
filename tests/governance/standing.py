"""A small chain in the database: helm > HTM > facility leads; ICU of NGH has an analyst for cybersecurity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pilothouse.core.keeping import writing
from pilothouse.core.models import Kept, Person
from pilothouse.governance import models as m
from pilothouse.governance.findings import Found
from pilothouse.kernel.times import as_instant
from tests.conftest import NOW


@dataclass(frozen=True)
class Standing:
    """People and positions by key."""

    people: dict[str, Any]
    positions: dict[str, Any]


def stand_up(places: dict[str, Any]) -> Standing:
    """Fin holds the helm, Hugo HTM (Dora deputises), Nora leads NGH, Iris is analyst of NGH-ICU; Sam is appointed to nothing."""
    with writing(by=None, at=NOW, verb="make_chain") as w:
        people = {
            key: w.save(Person(key=key, name=key.title()))
            for key in ("fin", "hugo", "dora", "nora", "iris", "sam")
        }
        helm = w.save(m.Position(key="HELM", title="The helm", helm=True))
        htm = w.save(m.Position(key="HTM", title="HTM manager", reports_to=helm))
        lead = w.save(m.Position(key="NGH-HTM", title="HTM lead", facility=places["NGH"], reports_to=htm))
        analyst = w.save(
            m.Position(key="ICU-SEC", title="Security analyst", unit=places["NGH-ICU"], reports_to=lead)
        )
        for key, position in (("fin", helm), ("hugo", htm), ("nora", lead), ("iris", analyst)):
            w.save(m.Appointment(person=people[key], position=position, kind="holder"))
        w.save(m.Appointment(person=people["dora"], position=htm, kind="deputy", rank=1))
        w.save(m.Mandate(topic="*", position=htm))
        w.save(m.Mandate(topic="cybersecurity", facility=places["NGH"], position=lead))
        w.save(m.Mandate(topic="cybersecurity", unit=places["NGH-ICU"], position=analyst))
    return Standing(people, {"HELM": helm, "HTM": htm, "NGH-HTM": lead, "ICU-SEC": analyst})


def away(person: Kept, start: datetime, end: datetime) -> None:
    """An absence."""
    with writing(by=None, at=NOW, verb="make_absence") as w:
        w.save(m.Absence(person=person, start=as_instant(start), end=as_instant(end)))


def found(places: dict[str, Any], key: str = "CVE-1", place: str = "NGH-ICU", **rest: Any) -> Found:
    """Something found at a place."""
    where = places[place]
    facility, unit = (where.facility_id, where.pk) if "-" in place else (where.pk, None)
    given: dict[str, Any] = {
        "kind": "exposure", "key": key, "title": f"Pumps are exposed to {key}", "subject": "advisory:1", "topic": "cybersecurity",
        "facility": facility, "unit": unit, "severity": "high",
    }  # fmt: skip
    return Found(**given | rest)


def owners() -> Iterator[tuple[str, str, str]]:
    """(key, owner, basis) of every finding."""
    for one in m.Finding.objects.select_related("owner").order_by("key"):
        yield one.key, one.owner.key, one.basis
