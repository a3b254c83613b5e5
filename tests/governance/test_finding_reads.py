"""What other pages read of findings, what search finds, what `pilothouse check` sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from pilothouse.core import ports
from pilothouse.core.attachments import may_see
from pilothouse.core.keeping import writing
from pilothouse.core.permissions import Viewer, house_viewer, viewer_of
from pilothouse.governance import models as m
from pilothouse.governance.findings import catch_up, open_findings, reads, working
from pilothouse.governance.findings.checking import broken
from pilothouse.governance.findings.panels import FindingPanel
from pilothouse.governance.findings.search import FindingFinder, FindingSubjects
from pilothouse.kernel.times import as_instant
from tests.conftest import NOW
from tests.governance.standing import Standing, away, found, stand_up

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def standing(places: dict[str, Any]) -> Standing:
    """Four findings: two of Iris (one overdue a day from now), one of Nora about a device, one of Hugo at SGH."""
    standing = stand_up(places)
    open_findings(
        None,
        [
            found(places, "1", due_at=NOW + DAY),
            found(places, "2", due_at=NOW + 5 * DAY, severity="low"),
            found(places, "3", "NGH-OR", due_at=NOW + 2 * DAY, subject="equipment:7", title="Pump 7 is lost"),
            found(places, "4", "SGH-ED", kind="recall", topic="recall"),
        ],
        NOW,
    )
    catch_up(NOW)
    return standing


@pytest.fixture
def iris(standing: Standing) -> Viewer:
    """Owns two and has no role anywhere."""
    return viewer_of(standing.people["iris"], NOW)


@pytest.fixture
def helm(standing: Standing) -> Viewer:
    """Fin sees everything."""
    return house_viewer(standing.people["fin"])


def keys(waiting: reads.Waiting) -> list[str]:
    """The keys of lines, which their titles end with."""
    return [line.title.rpartition(" ")[2] for line in waiting.lines]


def test_what_waits_is_split_into_mine_and_others_nearest_deadline_first(iris: Viewer, helm: Viewer) -> None:
    assert keys(reads.waits_for(iris, NOW)) == ["1", "2"]
    assert reads.waits_for_others(iris, NOW).total == 0
    others = reads.waits_for_others(helm, NOW, limit=2)
    assert (keys(others), others.total) == (["1", "lost"], 4)
    assert reads.waits_for(helm, NOW).total == 0


def test_figures_are_those_of_the_viewers_part_of_the_house(iris: Viewer, helm: Viewer, ben: Any) -> None:
    told = reads.figures(helm, NOW + DAY)
    assert (told.open, told.owners, told.mine, told.overdue, told.soon, told.snoozed) == (4, 3, 0, 1, 2, 0)
    assert reads.figures(iris, NOW + DAY).open == 2
    assert reads.figures(iris, NOW + DAY).overdue_mine == 1
    assert reads.figures(viewer_of(ben, NOW), NOW).open == 0
    assert reads.counts(helm) == {"finding_list": 4, "my_work": 0}
    assert reads.counts(iris) == {"finding_list": 2, "my_work": 2}


def test_what_climbed_to_somebody_is_counted(standing: Standing) -> None:
    nora = viewer_of(standing.people["nora"], NOW)
    assert reads.figures(nora, NOW).climbed == 0
    away(standing.people["iris"], NOW + HOUR, NOW + DAY)
    catch_up(NOW + HOUR)
    told = reads.figures(nora, NOW + HOUR)
    assert (told.mine, told.climbed) == (3, 2)


def test_who_holds_what_is_counted_by_owner(helm: Viewer) -> None:
    told = reads.who_holds_what(helm, NOW + DAY)
    assert [(one.name, one.open, one.overdue) for one in told] == [
        ("Iris", 2, 1),
        ("Hugo", 1, 0),
        ("Nora", 1, 0),
    ]
    assert told[0].post == "Security analyst"


def test_what_changed_is_told_newest_first(standing: Standing, helm: Viewer, iris: Viewer) -> None:
    away(standing.people["iris"], NOW + HOUR, NOW + 9 * DAY)
    catch_up(NOW + HOUR)
    working.resolve(helm, m.Finding.objects.get(key="3").pk, evidence="Found", at=NOW + 2 * HOUR)
    told = [(one.kind, one.text) for one in reads.what_changed(helm, NOW - HOUR, NOW + DAY)]
    assert told == [
        ("breach", "The time ran out: Pumps are exposed to 1 (Nora)"),
        ("", "Resolved: Pump 7 is lost"),
        ("owner", "Nora answers now for 2 findings that Iris held"),
        ("", "3 findings opened: exposure"),
        ("", "Opened: Pumps are exposed to 4"),
    ]
    assert reads.what_changed(helm, NOW + 2 * DAY, NOW + 3 * DAY) == []
    assert reads.what_changed(iris, NOW - HOUR, NOW + DAY) == []


def test_the_reads_take_the_same_queries_however_much_there_is(
    places: dict[str, Any], helm: Viewer, django_assert_num_queries: Callable[..., Any]
) -> None:
    open_findings(None, [found(places, f"x{n}", "SGH-ED") for n in range(50)], NOW)
    working.assign(helm, m.Finding.objects.get(key="1").pk, to=helm.person.pk, at=NOW)
    catch_up(NOW)
    with django_assert_num_queries(4):
        reads.waits_for_others(helm, NOW)
    with django_assert_num_queries(3):
        reads.waits_for(helm, NOW)
    with django_assert_num_queries(5):
        reads.figures(helm, NOW)
        reads.who_holds_what(helm, NOW)
        reads.counts(helm)
    with django_assert_num_queries(4):
        reads.what_changed(helm, NOW - DAY, NOW)


def test_search_finds_by_number_and_words_what_one_may_see(iris: Viewer, helm: Viewer, ben: Any) -> None:
    finder, number = FindingFinder(), m.Finding.objects.get(key="3").pk
    assert [hit.title for hit in finder.find(helm, f"F-{number}", 5)] == ["Pump 7 is lost"]
    assert [hit.title for hit in finder.find(helm, "lost PUMP", 5)] == ["Pump 7 is lost"]
    assert finder.find(helm, "lost PUMP", 5)[0].detail == f"F-{number}, waits for Nora"
    assert finder.find(iris, "lost pump", 5) == []
    assert finder.find(viewer_of(ben, NOW), f"f{number}", 5) == []
    assert finder.find(helm, "  ", 5) == []
    assert len(finder.find(helm, "pump", 2)) == 2
    assert finder.find(helm, "100%_\x00", 5) == []


def test_a_devices_page_shows_what_is_found_about_it(
    helm: Viewer, iris: Viewer, django_assert_num_queries: Callable[..., Any]
) -> None:
    panel = FindingPanel()
    (block,) = panel.panels(helm, 7, None)
    assert [line.title for line in block.context["lines"]] == ["Pump 7 is lost"]
    assert [one.text for one in panel.timeline(helm, 7)] == ["Found: Pump 7 is lost"]
    assert [knot.value for knot in block.knots] == [
        f"F-{m.Finding.objects.get(key='3').pk}",
        "Nora",
    ]
    assert panel.panels(iris, 7, None) == panel.panels(helm, 8, None) == []
    assert panel.panels(helm, 7, 1) == []
    with django_assert_num_queries(2):
        panel.panels(helm, 7, None)


def test_files_of_a_finding_are_for_who_sees_it(
    iris: Viewer, helm: Viewer, ben: Any, person_with: Callable[..., Any]
) -> None:
    one, subject = FindingSubjects(), m.Finding.objects.get(key="1").pk
    assert one.may_change(iris, subject)
    assert one.may_see(helm, subject)
    assert not one.may_see(viewer_of(ben, NOW), subject)
    assert not one.may_change(viewer_of(person_with("Aud", "auditor"), NOW), subject)
    assert may_see(helm, f"finding:{subject}")
    assert one.titles([subject])[subject][1] == f"/findings/{subject}/"
    assert not one.may_see(helm, 999)


def test_all_is_wired() -> None:
    assert {type(one).__name__ for one in (*ports.finders, *ports.counters, *ports.checks, *ports.subjects)} >= {
        "FindingFinder", "FindingCounter", "FindingCheck", "FindingSubjects",
    }  # fmt: skip


def test_check_is_silent_when_all_is_well(standing: Standing) -> None:
    catch_up(NOW)
    assert list(broken(NOW)) == []


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        ("DELETE FROM governance_ownership WHERE finding_id = {0}", "0 current owners"),
        ("UPDATE governance_ownership SET person_id = {1} WHERE finding_id = {0}", "another owner"),
        ("UPDATE governance_finding SET due_at = due_at + 1 WHERE id = {0}", "due at another time"),
        (
            "UPDATE governance_finding SET state = 'resolved', closed_at = 1 WHERE id = {0}",
            "is resolved and has 1 current",
        ),
        ("UPDATE governance_finding SET owner_id = {1} WHERE id = {0}", "the chain names person"),
    ],
)
def test_check_names_what_is_broken(standing: Standing, tamper: str, says: str) -> None:
    one = m.Finding.objects.get(key="1").pk
    with connection.cursor() as cursor:
        cursor.execute(tamper.format(one, standing.people["sam"].pk))
    told = list(broken(NOW))
    assert any(says in line for line in told), told


def test_check_sees_that_an_assigned_owner_is_gone(standing: Standing, helm: Viewer) -> None:
    one = m.Finding.objects.get(key="1").pk
    working.assign(helm, one, to=standing.people["sam"].pk, at=NOW)
    with writing(by=None, at=NOW, verb="absence") as w:
        row = w.save(
            m.Absence(person=standing.people["sam"], start=as_instant(NOW), end=as_instant(NOW + DAY))
        )
    m.OwnersAsOf.objects.update(revision=row.since)
    assert any("away or has left" in line for line in broken(NOW))
