"""Imports by API: a file is looked at, its columns corrected, applied, corrected and sent again, undone; as the pages do."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pilothouse.core.errors import Conflict
from pilothouse.core.models import Job
from pilothouse.core.permissions import house_viewer
from pilothouse.core.working import Worker
from pilothouse.equipment.models import Equipment
from pilothouse.imports import jobs, runs
from pilothouse.imports.models import Run
from pilothouse.imports.targets import target as target_named
from tests.api.conftest import caller as caller
from tests.api.conftest import fresh_minute as fresh_minute
from tests.conftest import NOW
from tests.intake.test_importing import CMMS

pytestmark = pytest.mark.django_db


def _sent(mine: Any, text: str, **told: str) -> int:
    file = SimpleUploadedFile("cmms.csv", text.encode(), "text/csv")
    answer = mine.client.post(
        "/api/v1/sources/cmms/runs", {"file": file, **told}, headers={"Authorization": f"Bearer {mine.plain}"}
    )
    assert answer.status_code == 201, answer.content
    return int(answer.json()["id"])


@pytest.fixture
def mine(chief: Any, caller: Any, settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path
    found = caller(chief)
    assert found.post("sources", {"key": "cmms", "kind": "cmms"}).status_code == 201
    return found


def _done(mine: Any, answer: Any) -> dict[str, Any]:
    assert answer.status_code == 202, answer.content
    Worker("w").work_off()
    told: dict[str, Any] = mine.get(f"jobs/{answer.json()['job']}").json()
    assert told["state"] == "done", told
    return told


def test_what_could_not_be_taken_is_downloaded_corrected_and_sent_again(mine: Any) -> None:
    run = _sent(mine, CMMS.replace("2018-01-01", "31.31.2018"))
    looked = mine.post(f"runs/{run}/preview").json()
    assert (looked["state"], looked["counts"]["rejected"], looked["samples"][0]["what"]) == (
        "previewed",
        1,
        "new",
    )
    _done(mine, mine.post(f"runs/{run}/apply"))
    answer = mine.get(f"runs/{run}/to-correct.csv")
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode()
    assert "31.31.2018" in text
    again = _sent(mine, text.replace("31.31.2018", "2018-01-31"), complete="false")
    _done(mine, mine.post(f"runs/{again}/apply"))
    counts = mine.get(f"runs/{again}").json()["counts"]
    assert (counts["changed"], counts["rejected"], counts["vanished"]) == (1, 0, 0)


def test_columns_are_corrected_and_the_run_looked_at_again(mine: Any) -> None:
    run = _sent(mine, "Asset Tag,Oddly Named\nT-1,S-1\n")
    assert mine.post(f"runs/{run}/preview").json()["unmapped"] == ["Oddly Named"]
    told = mine.post(f"runs/{run}/columns", {"columns": {"tag": "Asset Tag", "serial": "Oddly Named"}})
    assert told.json()["samples"][0]["becomes"]["serial"] == "S-1"
    for wrong in ({"serial": "Not There"}, {"nothing": "Asset Tag"}):
        assert mine.post(f"runs/{run}/columns", {"columns": wrong}).status_code == 422
    _done(mine, mine.post(f"runs/{run}/apply"))
    assert Equipment.objects.get().serial == "S-1"
    assert mine.post(f"runs/{run}/columns", {"columns": {"tag": "Asset Tag"}}).status_code == 409


def test_the_figures_of_what_was_done_are_not_written_over_by_a_look(mine: Any) -> None:
    run = _sent(mine, CMMS)
    _done(mine, mine.post(f"runs/{run}/apply"))
    before = mine.get(f"runs/{run}").json()
    assert mine.post(f"runs/{run}/preview").status_code == 409
    assert mine.get(f"runs/{run}").json() == before
    assert before["counts"]["new"] == Equipment.objects.count() > 0


def test_an_undo_is_looked_at_and_done_by_a_job(mine: Any) -> None:
    run = _sent(mine, CMMS)
    _done(mine, mine.post(f"runs/{run}/apply"))
    assert mine.get(f"runs/{run}/undo").json()["counts"]["withdrawn"] == Equipment.objects.count()
    _done(mine, mine.post(f"runs/{run}/undo"))
    assert mine.get(f"runs/{run}").json()["state"] == "undone"
    assert mine.post(f"runs/{run}/preview").status_code == 409


def test_a_file_that_could_not_be_read_can_be_looked_at_again_when_its_columns_are_right(mine: Any) -> None:
    run = _sent(mine, CMMS)
    mine.post(f"runs/{run}/preview")
    Run.objects.filter(pk=run).update(state="failed", error="the column is gone")
    told = mine.post(f"runs/{run}/preview").json()
    assert (told["state"], told["error"]) == ("previewed", "")


def test_a_large_file_is_looked_at_by_a_job(mine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SOON_BYTES", 10)
    run = _sent(mine, CMMS)
    assert _done(mine, mine.post(f"runs/{run}/preview"))["kind"] == "preview_import"
    assert mine.get(f"runs/{run}").json()["counts"]["new"] > 0


def test_what_is_asked_of_a_source_at_work_is_not_lost_in_another_job(mine: Any, chief: Any) -> None:
    """One job of a source at a time: an undo that joined a preview would never happen, and nobody would know."""
    first, second = _sent(mine, CMMS), _sent(mine, CMMS.replace("A1001", "A1009"))
    asked = mine.post(f"runs/{first}/apply")
    assert mine.post(f"runs/{first}/apply").json() == asked.json()
    assert mine.post(f"runs/{second}/apply").status_code == 409
    assert mine.post(f"runs/{first}/undo").status_code == 409
    assert Job.objects.filter(kind__endswith="_import").count() == 1
    _done(mine, asked)
    _done(mine, mine.post(f"runs/{second}/apply"))


def test_a_run_that_was_applied_while_it_was_looked_at_keeps_its_figures(mine: Any, chief: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    run = Run.objects.get(pk=_sent(mine, CMMS))
    by = house_viewer(chief)
    target = target_named("equipment")
    look = type(target).preview

    def slow(self: Any, *given: Any) -> Any:
        told = look(self, *given)
        runs.apply(Run.objects.get(pk=run.pk), by=by, at=NOW)
        return told

    monkeypatch.setattr(type(target), "preview", slow)
    with pytest.raises(Conflict, match="while it was looked at"):
        runs.preview(run, by=by)
    assert Run.objects.get(pk=run.pk).state == "applied"


def test_runs_are_for_who_sees_the_whole_system(mine: Any, ana: Any, caller: Any) -> None:
    run, other = _sent(mine, CMMS), caller(ana)
    assert [other.get(f"runs/{run}/to-correct.csv").status_code, other.post(f"runs/{run}/columns", {"columns": {}}).status_code] == [404, 404]  # fmt: skip


def test_a_preview_shows_no_price_to_who_may_not_see_prices(
    mine: Any, caller: Any, client_of: Any, person_with: Any
) -> None:
    run = _sent(mine, "Asset Tag,Serial Number,Purchase Price\nT-1,S-1,7316549\n")
    assert mine.post(f"runs/{run}/preview").json()["samples"][0]["becomes"]["price"] == "7316549"
    analyst = person_with("Zoe", "security_analyst")
    for told in (caller(analyst).get(f"runs/{run}"), client_of(analyst).get(f"/runs/{run}/")):
        assert told.status_code == 200
        assert "S-1" in told.content.decode()
        assert "7316549" not in told.content.decode()
