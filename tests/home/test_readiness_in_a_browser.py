"""The page of readiness as a reader meets it: what axe finds, a phone, links that filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.home.browser import chromium
from tests.home.readiness_world import world, written

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("readiness") / "report.html", world(14))


@pytest.fixture
def opened(browser: Browser, report: Path) -> Iterator[Callable[..., Page]]:
    """Open the page; any request beyond it or any error of its script fails the test."""
    contexts, wrong = [], []

    def page_of(width: int = 1440, scheme: Literal["light", "dark"] = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)

        def requested(request: Any) -> None:
            if not request.url.startswith(("file:", "blob:", "data:font")):
                wrong.append(request.url[:80])

        page.on("request", requested)
        page.goto(report.as_uri())
        page.wait_for_selector("html[data-ready]", timeout=60_000)
        return page

    yield page_of
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (360, "light"), (360, "dark")])  # fmt: skip
def test_axe_finds_nothing_and_nothing_scrolls_sideways(opened: Callable[..., Page], scheme: str, width: int) -> None:  # fmt: skip
    page = opened(width=width, scheme=scheme)
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_number_of_the_opening_leads_to_its_rows(opened: Callable[..., Page]) -> None:
    page = opened()
    page.get_by_role("link", name="14 are short").click()
    expect(page.locator("[data-grid=needs] .grid-status")).to_contain_text("14")
    expect(page.locator("[data-grid=needs] tbody tr[data-at]").first).to_contain_text("ventilator")


def test_paper_shows_the_map_and_says_what_it_leaves_out(opened: Callable[..., Page]) -> None:
    page = opened()
    page.emulate_media(media="print")
    expect(page.locator("table.heat")).to_be_visible()
    expect(page.locator("[data-grid=needs] .print-only")).to_contain_text(
        "more needs in the report on screen"
    )
