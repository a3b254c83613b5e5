"""The report as a reader meets it: sorting, searching, keys, paper, a phone, and what axe finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from pilothouse.home.report import write_report
from pilothouse.kernel.duck import engine
from tests.home import hospital
from tests.home.browser import chromium

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

BIG = 100_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Reports by number of devices, each made once."""
    folder = tmp_path_factory.mktemp("reports")

    def made(devices: int) -> Path:
        path = folder / f"{devices}.html"
        if not path.exists():
            with engine(memory_mb=1500) as con:
                hospital.tables(con, devices)
                write_report(con, hospital.facts(con), path)
        return path

    return made


@pytest.fixture
def opened(browser: Browser, reports: Callable[[int], Path]) -> Iterator[Callable[..., Page]]:
    """Open a report from its file; any request beyond it or any error of its script fails the test."""
    contexts, wrong = [], []

    def page_of(
        devices: int = 400,
        width: int = 1440,
        scheme: Literal["light", "dark"] = "light",
        scripts: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on(
            "request",
            lambda request: (
                wrong.append(request.url[:80])
                if not request.url.startswith(("file:", "blob:", "data:font"))
                else None
            ),
        )
        page.goto(reports(devices).as_uri())
        if scripts:
            page.wait_for_selector("html[data-ready]", timeout=60_000)
        return page

    yield page_of
    for context in contexts:
        context.close()
    assert wrong == []


def wait_until_searches_are_prepared(page: Page) -> None:
    """By asking again: the page's content policy forbids Playwright's own waiting."""
    until = monotonic() + 30
    while not page.evaluate(
        "Grids.get('equipment').head.columns.every((column) => typeof column.values[0] === 'number' || column.index)"
    ):
        assert monotonic() < until
        page.wait_for_timeout(100)


def first_row(page: Page, grid: str) -> str:
    return page.locator(f"[data-grid={grid}] tbody tr[data-at]").first.inner_text()


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened: Callable[..., Page], scheme: str, width: int) -> None:
    page = opened(60, width=width, scheme=scheme)
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [360, 768, 820, 1024, 1440, 2560])
def test_nothing_scrolls_sideways(opened: Callable[..., Page], width: int) -> None:
    page = opened(width=width)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_the_first_rows_are_there(opened: Callable[..., Page]) -> None:
    page = opened(scripts=False)
    expect(page.locator("[data-grid=equipment] tbody tr")).to_have_count(50)
    expect(page.locator("[data-grid=equipment] .filters")).to_be_hidden()
    expect(page.locator("#theme")).to_be_hidden()


def test_the_script_draws_the_rows_that_the_server_drew(opened: Callable[..., Page]) -> None:
    plain, live = opened(scripts=False), opened()
    for grid in ("equipment", "conflicts", "pairs", "exposed"):
        served = plain.locator(f"[data-grid={grid}] tbody tr").all_inner_texts()[:12]
        drawn = live.locator(f"[data-grid={grid}] tbody tr[data-at]").all_inner_texts()[:12]
        assert [row.split() for row in drawn] == [row.split() for row in served]


def test_the_script_draws_the_bars_that_the_server_drew(opened: Callable[..., Page]) -> None:
    bars = """all => all.slice(0, 12).map((bar) => [...bar.children].map((piece) => ['class', 'x', 'width'].map((name) => piece.getAttribute(name).replace('.0%', '%'))))"""
    drawn = [
        opened(scripts=scripts).locator("[data-grid=pairs] .weights").evaluate_all(bars)
        for scripts in (False, True)
    ]
    assert drawn[0] == drawn[1]
    assert any(len(bar) == 3 for bar in drawn[0])


def test_a_phone_sorts_by_a_list_of_orders(opened: Callable[..., Page]) -> None:
    page = opened(width=360)
    grid = page.locator("[data-grid=equipment]")
    grid.get_by_label("Sort by").select_option(label="Serial, last first")
    column = "[...document.querySelectorAll('[data-grid=equipment] tr[data-at] td:nth-child(3)')].map((cell) => cell.textContent)"
    serials = page.evaluate(column)
    assert serials == sorted(serials, reverse=True)
    grid.get_by_label("Sort by").select_option(label="as given")
    assert page.evaluate(column) != serials


def test_the_sheet_says_who_claims_what(opened: Callable[..., Page]) -> None:
    """The devices with a claim that lost or is spelt in another way, against the packed claims read by another route."""
    page = opened()
    differing = page.evaluate("Claims.lost.columns.find((c) => c.key === 'at').values[0]")
    page.evaluate(f"Grids.get('equipment').open({differing})")
    sheet = page.locator("#sheet")
    expect(sheet.locator("[data-claim=won]").first).to_contain_text("won CMMS")
    expect(
        sheet.locator("[data-claim=lost], [data-claim=agrees]").filter(has_text=" row ").first
    ).to_be_visible()
    assert "the CMMS is asked first for" in sheet.inner_text()


def test_a_pair_opens_as_bars_from_even_odds(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator("[data-grid=pairs] tbody .open").first.click()
    lines = page.locator("#sheet .weighed tbody tr").all_inner_texts()
    assert len(lines) == 5
    assert "+9.4" in lines[0]
    assert "\u22121.2" in lines[3]
    assert "that both are one device" in lines[4]


def test_heads_on_paper_are_words(opened: Callable[..., Page]) -> None:
    page = opened()
    heads = page.locator("[data-grid=equipment] thead th")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(heads.locator("button")).to_have_count(0)
    expect(heads.first).to_have_text("Tag")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(heads.locator("button")).to_have_count(7)


def test_a_click_on_a_head_sorts_and_says_so(opened: Callable[..., Page]) -> None:
    page = opened()
    head = page.locator("[data-grid=equipment] thead th", has_text="Serial")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    serials = page.locator("[data-grid=equipment] tbody tr[data-at] td:nth-child(3)").all_inner_texts()
    assert serials == sorted(serials)
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    down = page.locator("[data-grid=equipment] tbody tr[data-at] td:nth-child(3)").all_inner_texts()
    assert down == sorted(down, reverse=True)
    assert "unknown" not in down


def test_search_finds_a_tag_without_its_punctuation(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator("[data-grid=equipment]").get_by_label("Search in devices").fill("htm000123")
    expect(page.locator("[data-grid=equipment] .grid-status")).to_have_text("1 of 400 devices")
    assert "HTM-000123" in first_row(page, "equipment")


def test_a_filter_can_be_added_named_and_dropped(opened: Callable[..., Page]) -> None:
    page = opened()
    grid = page.locator("[data-grid=equipment]")
    grid.get_by_role("button", name="Add filter").click()
    grid.get_by_label("Field").select_option(label="Maker")
    grid.locator("form select").nth(1).select_option(index=0)
    grid.locator("form").get_by_role("button", name="Add filter").click()
    expect(grid.locator(".chip")).to_contain_text("Maker is Philips")
    expect(grid.locator(".grid-status")).to_contain_text("of 400 devices")
    grid.get_by_role("button", name="Remove filter Maker is Philips").click()
    expect(grid.locator(".grid-status")).to_have_text("400 devices")


def test_an_empty_result_says_which_filter_to_drop(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator("[data-grid=equipment]").get_by_label("Search in devices").fill("zebra")
    expect(page.locator("[data-grid=equipment] .state")).to_have_text(
        "No device matchesWithout the search for “zebra” there would be 400."
    )


def test_what_to_do_first_leads_to_its_rows(opened: Callable[..., Page]) -> None:
    page = opened()
    link = page.locator("#first a[data-show=exposed]").first
    advisory = (
        page.locator("#first tr:has(a[data-show=exposed]) .under")
        .first.inner_text()
        .split(" in ")[-1]
        .split(",")[0]
    )
    link.click()
    expect(page.locator("[data-grid=exposed] .chip").first).to_contain_text(f"Advisory is {advisory}")
    assert "#exposed" in page.url


def test_keys_move_and_open_and_focus_returns(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator("[data-grid=equipment] .grid-view").focus()
    for key in "jjjk":
        page.keyboard.press(key)
    expect(page.locator("[data-grid=equipment] tr.is-cursor")).to_have_attribute("aria-rowindex", "3")
    page.keyboard.press("Enter")
    sheet = page.locator("#sheet")
    expect(sheet).to_be_visible()
    expect(sheet.locator("dl")).to_contain_text("Serial")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator("[data-grid=equipment] tr.is-cursor .open")).to_be_focused()


def test_the_last_of_many_rows_can_be_reached(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator("[data-grid=equipment] .grid-view").focus()
    page.keyboard.press("End")
    expect(page.locator("[data-grid=equipment] tr.is-cursor")).to_have_attribute("aria-rowindex", "401")
    expect(page.locator("[data-grid=equipment] tr.is-cursor .open")).to_be_focused()
    expect(page.locator("[data-grid=equipment] tr.is-cursor")).to_be_in_viewport()


def test_the_download_holds_the_filtered_rows_and_no_formula(
    opened: Callable[..., Page], tmp_path: Path
) -> None:
    page = opened()
    grid = page.locator("[data-grid=equipment]")
    page.evaluate("Grids.get('equipment').by.get('room').values[0] = '=HYPERLINK(1)'")
    grid.locator(".views a", has_text="Only IT knows").click()
    with page.expect_download() as waiting:
        grid.get_by_role("button", name="Download these rows").click()
    lines = Path(waiting.value.path()).read_text("utf-8").splitlines()
    assert lines[0].startswith("Asset tag,Description,Maker,")
    shown = grid.locator(".grid-status").inner_text().split()[0]
    assert len(lines) - 1 == int(shown)
    assert "'=HYPERLINK(1)" in lines[1]


def test_paper_has_the_summary_and_says_what_it_leaves_out(
    opened: Callable[..., Page], tmp_path: Path
) -> None:
    page = opened(scheme="dark")
    page.emulate_media(media="print")
    expect(page.locator("[data-grid=equipment] .print-only")).to_have_text(
        "375 more devices in the report on screen and in register.csv."
    )
    expect(page.locator(".bar")).to_be_hidden()
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    assert len(paper) > 40_000


def test_dark_is_chosen_by_hand_and_kept(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator("#theme").click()
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.main')).backgroundColor")
        == "rgb(18, 25, 28)"
    )


def test_a_hundred_thousand_devices_sort_and_filter_at_once(
    opened: Callable[..., Page], reports: Callable[[int], Path]
) -> None:
    """Bars: sort 150 ms, filter 100 ms; five times as much here, since the machine is shared."""
    page = opened(BIG)
    assert reports(BIG).stat().st_size < 15_000_000
    wait_until_searches_are_prepared(page)
    took: dict[str, Any] = page.evaluate("""() => {
        const grid = Grids.get("equipment"), took = {};
        const time = (name, act) => { const start = performance.now(); act(); took[name] = performance.now() - start; };
        time("sort", () => grid.table.tHead.rows[0].cells[2].querySelector("button").click());
        time("search", () => grid.search("00:1"));
        time("filter", () => grid.show([{ key: "unit", value: "ICU B4" }]));
        took.lines = grid.body.rows.length;
        return took;
    }""")
    assert took["sort"] < 750
    assert took["search"] < 500
    assert took["filter"] < 500
    assert took["lines"] < 100


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_opens(opened: Callable[..., Page], scheme: str) -> None:
    page = opened(60, scheme=scheme)
    grid = page.locator("[data-grid=equipment]")
    grid.get_by_role("button", name="Add filter").click()
    assert Axe().run(page, context="[data-grid=equipment]").violations_count == 0
    page.keyboard.press("Escape")
    expect(grid.locator("form")).to_be_hidden()
    page.locator("details summary").first.click()
    assert Axe().run(page, context=".chart").violations_count == 0
    grid.locator("tbody .open").first.click()
    expect(page.locator("#sheet h2")).to_be_focused()
    found = Axe().run(page, context="#sheet")
    assert found.violations_count == 0, found.generate_report()
    page.keyboard.press("Escape")
    page.locator("[data-grid=pairs] tbody .open").first.click()
    found = Axe().run(page, context="#sheet")
    assert found.violations_count == 0, found.generate_report()
