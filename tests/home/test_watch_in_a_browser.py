"""Home in a real browser: both themes, a screen and a phone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.home.test_watch import _found
from tests.pages import PHONE, browsing, look_at

RENEW = "htmx.ajax('GET', '/wall/', {source: '#wall', target: '#wall', select: '#wall', swap: 'outerHTML'})"
"""What htmx does by itself every half minute."""
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_the_helm_ones_work_and_the_search_look_well(
    chief: Any, places: dict[str, Any], live_server: Any
) -> None:
    _found(3, places)
    look_at(live_server, chief, "/", "/my-work/", "/search/?q=unit")


def test_the_wall_screen_looks_well_on_a_wall_and_renews_itself(
    chief: Any, places: dict[str, Any], live_server: Any
) -> None:
    _found(3, places)
    look_at(live_server, chief, "/wall/", sizes=((1920, 1080), (3840, 2160), PHONE))
    with browsing(live_server, chief) as opened:
        page, seen = opened("/", (1920, 1080))
        page.get_by_role("link", name="Wall screen").click()
        page.wait_for_url("**/wall/")
        page.wait_for_load_state("networkidle")
        over = page.evaluate("document.documentElement.scrollHeight - document.documentElement.clientHeight")
        assert over <= 0
        _found(4, places, "later")
        page.evaluate(RENEW)
        page.get_by_text("7 questions").wait_for()
        assert page.locator("#wall").get_attribute("hx-trigger") == "every 30s"
        assert seen.errors == []
        page.context.clear_cookies()
        page.evaluate(RENEW)
        page.wait_for_url("**/sign-in/login/?next=/wall/")
