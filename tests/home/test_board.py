"""The board paper: its numbers are those of the files, and a reader can use it on any screen and on paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.cli.running import pilothouse, table, written
from tests.home.browser import chromium

YEARS = (2027, 2028, 2029)


def wish_list(folder: Path) -> list[object]:
    """120 devices with two or three options each, two criteria, a bundle, and money and hours by year."""
    dice = np.random.default_rng(4)
    options, uses = (
        ["item,option,year,benefit,bundle,points age,points security"],
        ["item,option,limit,amount"],
    )
    for k in range(120):
        for year in dice.choice(YEARS, 2, replace=False).tolist():
            age, security = np.round(dice.lognormal(2, 0.6, 2), 1).tolist()
            bundle = "telemetry" if k in (3, 9) and year == 2028 else ""
            options.append(
                f"Device {k:03d},replace {year},{year},{round(age + security, 1)},{bundle},{age},{security}"
            )
            uses.append(
                f"Device {k:03d},replace {year},capital {year},{round(float(dice.lognormal(9, 0.7)), 2)}"
            )
            uses.append(f"Device {k:03d},replace {year},hours {year},{round(float(dice.uniform(1, 9)), 1)}")
    limits = ["limit,max,year,kind", *(f"capital {year},200000,{year},USD" for year in YEARS), *(f"hours {year},150,{year},h" for year in YEARS)]  # fmt: skip
    lists = [written(folder, f"{name}.csv", "\n".join(lines) + "\n") for name, lines in (("options", options), ("uses", uses), ("limits", limits))]  # fmt: skip
    more = written(folder, "more.csv", "\n".join(limits).replace("200000", "260000") + "\n")
    return [
        lists[0],
        "--uses",
        lists[1],
        "--limits",
        lists[2],
        "--draws",
        12,
        "--scenario",
        f"more money={more}",
    ]


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("board")
    ended = pilothouse("plan", *wish_list(folder), "--out", folder / "out")
    assert ended.code == 0, ended.err
    return folder / "out"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def test_the_opening_sentence_says_the_plans_numbers(answer: Path) -> None:
    told = json.loads((answer / "summary.json").read_text())
    chosen = [row for row in table(answer / "plan.csv") if row["chosen"] == "yes"]
    page = (answer / "report.html").read_text()
    said = page.split('name="description" content="')[1].split('"')[0]
    assert said.startswith(f"{len(chosen)} of 240 options, for {len(chosen)} of 120 items, remove ")
    assert f"{sum(float(row['benefit']) for row in chosen):,.0f}" in said.replace(".0", "") or f"{told['benefit']:,.1f}" in said  # fmt: skip
    assert len(said.split()) <= 40


def test_the_paper_asks_what_changes_with_less_money_and_under_each_scenario(answer: Path) -> None:
    page = (answer / "report.html").read_text()
    assert "What changes with 10" in page
    assert "more money" in page
    assert "stayed in at least 90" in page
    assert "No plan within these limits" in page or "No other plan within these limits" in page


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(answer: Path, browser: Browser, scheme: Literal["light", "dark"], width: int) -> None:  # fmt: skip
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto((answer / "report.html").as_uri())
    page.wait_for_selector("html[data-ready]")
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert wrong == []
    context.close()


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_the_sentences_numbers_lead_to_the_chosen_options_and_paper_has_them_too(answer: Path, browser: Browser) -> None:  # fmt: skip
    page = browser.new_page()
    page.goto((answer / "report.html").as_uri())
    page.wait_for_selector("html[data-ready]")
    chosen = sum(row["chosen"] == "yes" for row in table(answer / "plan.csv"))
    page.locator(".say a").first.click()
    expect(page.locator("[data-grid=options] .grid-status")).to_have_text(f"{chosen} of 240 options")
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.close()
