"""The frame, the sign-in page and one's own page as a reader meets them, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from pilothouse.core import ports
from pilothouse.core.permissions import Viewer
from pilothouse.core.ports import Hit
from tests.home.test_watch import _found
from tests.pages import PHONE, axe, browsing, look_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_signing_in_looks_well(live_server: Any) -> None:
    look_at(live_server, None, "/sign-in/login/")


def test_one_s_own_page_looks_well(live_server: Any, ana: Any) -> None:
    look_at(live_server, ana, "/account/")


def test_a_page_that_is_not_there_looks_well(live_server: Any, ana: Any) -> None:
    look_at(live_server, ana, "/nowhere/", status=404)


def test_the_kit_looks_well(live_server: Any, ana: Any) -> None:
    look_at(live_server, ana, "/kit/")


def test_keys_open_the_palette_and_the_help_and_go_to_a_place(live_server: Any, ana: Any) -> None:
    with browsing(live_server, ana) as opened:
        page, seen = opened("/account/")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog").get_by_text("These keys")).to_be_visible()
        assert axe(page) == []
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        field = page.get_by_role("combobox")
        page.wait_for_selector("#palette-rows [role=option]")
        assert field.evaluate("field => field === document.activeElement")
        assert axe(page) == []
        page.keyboard.press("Escape")
        page.keyboard.press("Control+k")
        assert page.locator("#palette").evaluate("dialog => dialog.open")
        assert seen.errors == []


class Finds:
    """A room that finds one's own page and the kit."""

    def find(self, viewer: Viewer, text: str, most: int) -> list[Hit]:
        return [Hit("Pages", f"{text} one", "", "/account/"), Hit("Pages", f"{text} two", "", "/kit/")]


def test_the_palette_goes_to_the_row_that_is_chosen(
    live_server: Any, ana: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "finders", [Finds()])
    with browsing(live_server, ana) as opened:
        page, _ = opened("/account/")
        page.keyboard.press("/")
        page.keyboard.type("kit")
        second = page.get_by_role("option", name="kit two")
        second.wait_for()
        page.keyboard.press("ArrowDown")
        expect(second).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{live_server.url}/kit/")


def test_tab_refines_the_palette_to_a_kind_and_backspace_finds_everything_again(
    live_server: Any, ana: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "finders", [Finds()])
    with browsing(live_server, ana) as opened:
        page, seen = opened("/account/")
        page.keyboard.press("Control+k")
        page.keyboard.type("k")
        rows = page.locator("#palette-rows")
        rows.get_by_role("option", name="k two").wait_for()
        groups = rows.get_by_role("group")
        assert groups.count() > 1
        page.keyboard.press("Tab")
        expect(groups).to_have_count(1)
        expect(page.locator("#palette-only")).to_have_text("Pages")
        expect(page.locator("#announced")).to_have_text("Only Pages")
        assert page.locator("#palette-q").evaluate("field => field === document.activeElement")
        assert axe(page) == []
        page.keyboard.press("Backspace")
        page.keyboard.press("Backspace")
        expect(page.locator("#palette-only")).to_be_hidden()
        expect(groups).to_have_count(1)
        expect(rows.get_by_role("group", name="Go to")).to_be_visible()
        assert seen.errors == []


def test_help_lists_the_keys_of_this_page_too(live_server: Any, chief: Any, places: dict[str, Any]) -> None:
    _found(2, places)
    with browsing(live_server, chief) as opened:
        page, _ = opened("/")
        page.keyboard.press("?")
        here = page.locator("#keys-here")
        expect(here).to_contain_text("Take the next question")
        assert axe(page) == []
        page.keyboard.press("Escape")
        page.keyboard.press("n")
        page.wait_for_url("**/findings/**")


def test_the_theme_changes_at_once_and_is_kept(live_server: Any, ana: Any) -> None:
    with browsing(live_server, ana) as opened:
        page, _ = opened("/account/")
        with page.expect_response("**/account/look/"):
            page.get_by_role("button", name="Switch between light and dark").click()
        assert page.locator("html").get_attribute("data-theme") == "dark"
        page.reload()
        assert page.locator("html").get_attribute("data-theme") == "dark"


def test_without_script_the_theme_is_a_form_and_every_room_can_be_reached(live_server: Any, ana: Any) -> None:
    with browsing(live_server, ana) as opened:
        page, _ = opened("/account/", size=PHONE, script=False)
        page.get_by_role("button", name="Switch between light and dark").click()
        assert page.locator("html").get_attribute("data-theme") == "dark"
        page.get_by_role("link", name="Rooms").click()
        expect(page.locator("#nav")).to_be_visible()
        page.get_by_role("link", name="Close").click()
        expect(page.locator("#nav")).to_be_hidden()


def test_another_day_stays_when_one_follows_a_link(live_server: Any, ana: Any) -> None:
    with browsing(live_server, ana) as opened:
        page, _ = opened("/kit/?as_of=2026-01-05")
        assert page.get_by_text("Mon 5 Jan 2026, 23:59", exact=True).is_visible()
        page.locator(".bar a.owner").click()
        page.wait_for_url(f"{live_server.url}/account/?as_of=2026-01-05")
        page.get_by_role("link", name="Back to now").click()
        page.wait_for_url(f"{live_server.url}/account/")
