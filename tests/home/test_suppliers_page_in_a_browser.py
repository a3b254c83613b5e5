"""The buyer's page as a reader meets it: light, dark, a phone, paper, and what axe finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from pilothouse.home.suppliers import report
from pilothouse.kernel.duck import engine
from tests.home.browser import chromium
from tests.home.market import FACTS, scored

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("suppliers") / "report.html"
    with engine(300, 1) as con:
        made.write_text(report(con, scored(con), FACTS), encoding="utf-8")
    return made


def opened(browser: Browser, path: Path, width: int, scheme: Literal["light", "dark"]) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    page.on("console", lambda message: pytest.fail(message.text) if message.type == "error" else None)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]")
    return page


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (360, "light")])
def test_axe_finds_nothing_and_nothing_hangs_over(browser: Browser, path: Path, width: int, scheme: Literal["light", "dark"]) -> None:  # fmt: skip
    page = opened(browser, path, width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})  # fmt: skip
    assert found.violations_count == 0, found.generate_report()
    page.context.close()


def test_each_supplier_prints_on_a_sheet_of_its_own(browser: Browser, path: Path) -> None:
    page = opened(browser, path, 1440, "light")
    sheets = page.locator(".sheet-of").count()
    printed = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="print")
    assert page.evaluate("[...document.querySelectorAll('.sheet-of')].every(one => getComputedStyle(one).breakBefore === 'page')")  # fmt: skip
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) > sheets
    page.context.close()
