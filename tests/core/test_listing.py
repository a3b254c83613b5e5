"""A list shows what its address says: filtered, sorted and paged as a slow, obvious second way finds it."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from python_calamine import CalamineWorkbook

from pilothouse.core.listing import Column, Filter, Listing, Rows, View, show
from pilothouse.core.listing.asked import Cursor, read_cursor
from pilothouse.core.listing.exporting import workbook
from pilothouse.core.models import Job, SavedView
from pilothouse.kernel.writing import csv_lines
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

JOBS = Listing(
    key="made_up",
    noun="job",
    plural="jobs",
    sort="kind",
    columns=(
        Column("kind", "Kind", lambda job: job.kind, sort="kind", head=True),
        Column("done", "Done", lambda job: str(job.done), sort="done", kind="num"),
        Column("started", "Started", lambda job: str(job.started_at), sort=("started_at", "kind")),
        Column("says", "Says", lambda job: job.says, shown=False),
    ),
    filters=(
        Filter("state", "State", field="state", options=lambda viewer: Job.State.choices),
        Filter("says", "Says", kind="text", field="says"),
        Filter("done", "Done", kind="span", field="done", input="number"),
        Filter("started", "Started", kind="span", field="started_at", input="date", moment=True),
    ),
    search=("kind", "says"),
    views=(View("All jobs", ""), View("Failed", "state=failed")),
    size=7,
)


def made_up(request: HttpRequest) -> HttpResponse:
    return show(request, JOBS, Rows(JOBS, Job.objects.all()), title="Jobs")


urlpatterns = [path("made-up/", made_up), path("", include("pilothouse.config.urls"))]


@pytest.fixture
def jobs(db: None) -> list[Job]:
    rng = random.Random(5)
    made = [
        Job(
            kind=rng.choice("abc"),
            state=rng.choice(("done", "failed", "stopped")),
            done=rng.randrange(4),
            says=rng.choice(("", "two words", "=1+1", "<b>bold</b>")),
            due_at=NOW,
            queued_at=NOW,
            started_at=rng.choice((None, NOW, NOW + timedelta(days=1))),
        )
        for _ in range(60)
    ]
    return Job.objects.bulk_create(made)


def _walked(client: Any, address: str) -> Iterator[str]:
    """Every page from the first to the last, and back again."""
    page, seen = client.get(address).content.decode(), 0
    while True:
        yield page
        seen += 1
        following = re.search(r'href="([^"]*)" rel="next"', page)
        if following is None:
            break
        page = client.get(following[1].replace("&amp;", "&")).content.decode()
    while previous := re.search(r'href="([^"]*)" rel="prev"', page):
        page = client.get(previous[1].replace("&amp;", "&")).content.decode()
        seen -= 1
    assert seen == 1


def _ids(page: str) -> list[int]:
    return [int(text) for text in re.findall(r'<tr data-id="(\d+)"', page)]


LATEST = NOW + timedelta(days=999)
ORDERS: dict[str, Callable[[Job], tuple[Any, ...]]] = {
    "kind": lambda job: (job.kind, job.pk),
    "done": lambda job: (job.done, job.pk),
    "started": lambda job: (job.started_at or LATEST, job.kind, job.pk),
}
FILTERS: dict[str, Callable[[Job], bool]] = {
    "": lambda job: True,
    "state=failed": lambda job: job.state == "failed",
    "state=failed&state=done": lambda job: job.state in ("failed", "done"),
    "state=no-such": lambda job: False,
    "says=WORDS": lambda job: "words" in job.says,
    "done.from=1&done.to=2": lambda job: 1 <= job.done <= 2,
    "started.to=2026-11-02": lambda job: job.started_at == NOW,
    "started.from=nonsense": lambda job: False,
    "done.from=99999999999999999999999": lambda job: False,
    "q=two": lambda job: "two" in job.says,
    "q=a+two&state=done": lambda job: "a" in job.kind and "two" in job.says and job.state == "done",
}


@pytest.mark.parametrize("filtered", FILTERS)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("down", ["", "-"])
def test_pages_hold_what_the_slow_way_finds(
    jobs: list[Job], chief: Any, client_of: Any, filtered: str, order: str, down: str
) -> None:
    expected = sorted(filter(FILTERS[filtered], jobs), key=ORDERS[order], reverse=bool(down))
    pages = list(_walked(client_of(chief), f"/made-up/?{filtered}&sort={down}{order}"))
    assert [one for page in pages for one in _ids(page)] == [job.pk for job in expected]
    if expected:
        assert f"1 to {min(7, len(expected))} of {len(expected)}" in pages[0]
        assert f"to {len(expected)} of {len(expected)}" in pages[-1]
    else:
        assert "No job fits" in pages[0]


def test_an_empty_list_says_which_filter_to_drop(jobs: list[Job], chief: Any, client_of: Any) -> None:
    page = client_of(chief).get("/made-up/?state=failed&says=nothing-like-it").content.decode()
    drops = re.findall(r'<a class="btn" href="([^"]*)" hx-boost="false">', page)
    assert drops == ["/made-up/?state=failed"]


def test_markup_in_values_stays_text(jobs: list[Job], chief: Any, client_of: Any) -> None:
    client = client_of(chief)
    client.post("/made-up/", {"do": "columns", "column": ["kind", "says"]})
    page = client.get("/made-up/?says=%3Cb%3E").content.decode()
    assert "<b>bold</b>" not in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page


@pytest.mark.parametrize("address", [
    "sort=no-such", "sort=-says", "after=%00", "after=W10", "before=WzEsMV0", "after=WzEsMSwiYWJjIiwiZCJd", "q=%00%00", "state=%ED%A0%80", "after=" + "9" * 4000,
    "sort=started&after=WzEsMSwieCIsInkiXQ", "after=WzEsMSx7InQiOjF9XQ", "sort=done&after=WzEsMSwieCJd", "panel=filters", "panel=views", "panel=columns", "panel=export", "panel=x", "q=" + "x" * 5000,
])  # fmt: skip
def test_no_address_breaks_the_list(jobs: list[Job], chief: Any, client_of: Any, address: str) -> None:
    assert client_of(chief).get(f"/made-up/?{address}").status_code == 200


def test_a_list_costs_the_same_number_of_queries_however_long(
    jobs: list[Job], chief: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_of(chief)
    client.get("/made-up/")
    with django_assert_max_num_queries(16) as many:
        client.get("/made-up/")
    Job.objects.filter(pk__gt=jobs[1].pk).delete()
    with django_assert_max_num_queries(16) as few:
        client.get("/made-up/")
    assert len(many) == len(few)


def test_htmx_gets_only_the_rows(jobs: list[Job], chief: Any, client_of: Any) -> None:
    page = (
        client_of(chief)
        .get("/made-up/?q=two", headers={"HX-Request": "true", "HX-Target": "list-rows"})
        .content.decode()
    )
    assert page.lstrip().startswith('<div id="list-rows"')
    assert "<html" not in page


def test_an_export_holds_the_filter_and_cannot_run(jobs: list[Job], chief: Any, client_of: Any) -> None:
    client = client_of(chief)
    sent = client.get("/made-up/?says=1%2B1&sort=-done&export=csv&all=1")
    rows = list(csv.reader(io.StringIO(sent.getvalue().decode())))
    assert rows[0] == ["Kind", "Done", "Started", "Says"]
    assert len(rows) - 1 == sum(job.says == "=1+1" for job in jobs)
    assert {row[3] for row in rows[1:]} == {"'=1+1"}
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/made-up/?export=xlsx").getvalue()))
    assert len(book.get_sheet_by_index(0).to_python()) == len(jobs) + 1


def test_a_workbook_goes_on_in_another_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pilothouse.core.listing.exporting.SHEET_ROWS", 5)
    chunks = [[(str(n), "a & <b>\x01") for n in range(4)], [], [(str(n), "") for n in range(4, 11)]]
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(workbook(["n", "text"], iter(chunks)))))
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert [[row[0] for row in sheet[1:]] for sheet in sheets] == [
        ["0", "1", "2", "3", "4"],
        ["5", "6", "7", "8", "9"],
        ["10"],
    ]
    assert sheets[0][1][1] == "a & <b>"


def test_columns_and_density_are_kept_for_each_person(
    jobs: list[Job], chief: Any, ben: Any, client_of: Any
) -> None:
    client = client_of(chief)
    assert (
        client.post(
            "/made-up/", {"do": "columns", "column": ["says", "kind", "no-such"], "query": "state=done"}
        )["Location"]
        == "/made-up/?state=done"
    )
    client.post("/made-up/", {"do": "density", "density": "roomy"})
    page = client.get("/made-up/").content.decode()
    assert 'data-density="roomy"' in page
    assert "2 of 4" in page
    assert "3 of 4" in client_of(ben).get("/made-up/").content.decode()
    client.post("/made-up/", {"do": "columns", "reset": "1"})
    assert "3 of 4" in client.get("/made-up/").content.decode()


def test_views_are_saved_renamed_shared_and_deleted(
    jobs: list[Job], chief: Any, ben: Any, client_of: Any
) -> None:
    mine, other = client_of(chief), client_of(ben)
    mine.post("/made-up/", {"do": "save_view", "name": " Done  ones ", "query": "state=done&no=such&q=two"})
    view = SavedView.objects.get()
    assert (view.name, view.query) == ("Done ones", "state=done&q=two")
    assert "Done ones" not in other.get("/made-up/").content.decode()
    assert other.post("/made-up/", {"do": "rename_view", "view": view.pk, "name": "x"}).status_code == 404
    mine.post("/made-up/", {"do": "rename_view", "view": view.pk, "name": "Two"})
    mine.post("/made-up/", {"do": "share_view", "view": view.pk})
    assert ">Two</a>" in other.get("/made-up/").content.decode()
    assert other.post("/made-up/", {"do": "delete_view", "view": view.pk}).status_code == 403
    assert other.post("/made-up/", {"do": "save_view", "name": "y", "shared": "1"}).status_code == 403
    mine.post("/made-up/", {"do": "delete_view", "view": view.pk})
    assert not SavedView.objects.exists()


def test_a_cursor_reads_back_what_it_was() -> None:
    for keys in ((), ("a", None, 3, True), (datetime(2026, 1, 2, tzinfo=NOW.tzinfo), NOW.date())):
        assert read_cursor(str(Cursor(51, keys, 9))) == Cursor(51, keys, 9)


def test_a_text_that_utf_8_cannot_hold_does_not_break_an_export() -> None:
    assert csv_lines([["a\ud800", "=1"], ["b", 'c"d']]) == b'a?,b\n\'=1,"c""d"\n'
