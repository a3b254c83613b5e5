"""The pages of findings in a real browser: both themes, screen and phone, nothing that a page may not do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from pilothouse.core.permissions import viewer_of
from pilothouse.governance.findings import open_findings, working
from tests.governance.standing import found, stand_up
from tests.pages import PHONE, SIZES, browsing, look_at, looked_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

DAY = timedelta(days=1)


@pytest.fixture
def finding(places: dict[str, Any], chief: Any) -> int:
    """One with everything: a pause, a comment, facts; and others beside it, late, soon, snoozed and without a clock."""
    standing = stand_up(places)
    now = timezone.now()
    before = now - 20 * DAY
    facts = {"why": "Partial impact; exposed", "facts": [["Advisory", "ICSMA-22-251-01"], ["Devices", "105"]]}
    title = "Battery modules of 105 Spectrum pumps keep network credentials in clear text, 21 more may"
    made = open_findings(
        None,
        [
            found(
                places,
                "1",
                title=title,
                due_at=now + 12 * DAY,
                detail=facts,
                clock="CISA BOD 26-04, 10 Jun 2026",
            ),
            found(places, "2", "NGH-OR", due_at=now - 3 * DAY, severity="critical"),
            found(places, "3", "SGH-ED", due_at=now + DAY / 2, severity="medium"),
            found(places, "4", "NGH", severity="low"),
            found(places, "5", "SGH", due_at=now + 30 * DAY, severity="low", topic="inventory"),
        ],
        before,
    )
    viewer = viewer_of(chief, now)
    working.snooze(
        viewer, made.new[0], until=before + 9 * DAY, reason="The maker was asked", at=before + 4 * DAY
    )
    working.wake_finding(viewer, made.new[0], at=before + 8 * DAY)
    working.comment(
        viewer, made.new[0], text="Asked two suppliers for prices.\n\nOne answered.", at=now - DAY
    )
    working.snooze(viewer, made.new[4], until=now + 5 * DAY, reason="The search goes on", at=now - DAY)
    working.assign(viewer, made.new[2], to=standing.people["sam"].pk, at=now)
    return made.new[0]


def test_the_list_and_the_page_hold_what_every_page_must(live_server: Any, chief: Any, finding: int) -> None:
    look_at(live_server, chief, "/findings/")
    look_at(live_server, chief, f"/findings/{finding}/")


def test_a_form_opens_by_its_key_says_what_is_wrong_and_does_its_deed(
    live_server: Any, chief: Any, finding: int
) -> None:
    with browsing(live_server, chief) as opened:
        page, _ = opened(f"/findings/{finding}/")
        page.keyboard.press("z")
        page.fill("#id_snoozeform_until", "2020-01-01")
        page.fill("#id_snoozeform_reason", "Wait for the patch")
        page.click("details[open] .btn-main >> text=Snooze")
        assert page.input_value("#id_snoozeform_reason") == "Wait for the patch"
        assert page.is_visible("text=Choose a day after today")
        page.fill("#id_snoozeform_until", (timezone.localdate() + 3 * DAY).isoformat())
        page.click("details[open] form .btn-main")
        assert page.is_visible("text=Snoozed until")
        page.click(".toast >> text=Undo")
        assert page.is_visible(".toast >> text=Undone")


def test_everything_works_without_script_on_a_phone(live_server: Any, chief: Any, finding: int) -> None:
    with browsing(live_server, chief) as opened:
        page, _ = opened(f"/findings/{finding}/", size=PHONE, script=False)
        page.click("summary >> text=Resolve")
        page.fill("#id_resolveform_evidence", "Firmware read at the bedside")
        page.click("details[open] form .btn-main")
        assert page.is_visible("h2 >> text=Evidence")
        assert page.is_visible("text=Firmware read at the bedside")


def test_some_are_ticked_looked_at_again_snoozed_and_taken_back_on_a_screen_and_a_phone(
    live_server: Any, chief: Any, finding: int
) -> None:
    with browsing(live_server, chief) as opened:
        for size in SIZES:
            page, seen = opened("/findings/", size)
            page.get_by_label("Select Pumps are exposed to 2").check()
            page.get_by_label("Select Pumps are exposed to 3").check()
            assert page.is_visible(".bulk >> text=2 selected")
            wrong = looked_at(page, seen, "findings-ticked")
            page.get_by_role("button", name="Snooze").click()
            page.wait_for_selector("h1 >> text=Snooze 2 findings")
            wrong += looked_at(page, seen, "findings-snooze")
            page.get_by_label("Until the beginning of").fill((timezone.localdate() + 3 * DAY).isoformat())
            page.get_by_label("Why it can wait").fill("Wait for the patch")
            page.click("main .btn-main")
            assert page.is_visible(".toast >> text=2 findings snoozed")
            page.click(".toast >> text=Undo")
            assert page.is_visible(".toast >> text=Undone")
            assert wrong == []


def test_the_owners_card_comes_by_pointer_and_by_keyboard_may_be_entered_and_is_dismissed(
    live_server: Any, chief: Any, finding: int
) -> None:
    with browsing(live_server, chief) as opened:
        page, seen = opened("/findings/")
        card, owner = page.locator("#owner-card"), page.locator("[data-card]").nth(2)
        owner.hover()
        card.get_by_text("named by the chain of command").wait_for()
        assert owner.get_attribute("aria-describedby") == "owner-card"
        wrong = looked_at(page, seen, "owner-card")
        card.hover()
        page.wait_for_timeout(400)
        assert card.is_visible()
        page.keyboard.press("Escape")
        assert card.is_hidden()
        owner.hover()
        card.wait_for()
        page.mouse.move(2, 2)
        card.wait_for(state="hidden")
        page, seen = opened("/findings/", PHONE)
        card = page.locator("#owner-card")
        page.locator("tbody th a").first.focus()
        page.keyboard.press("Tab")
        card.get_by_text("named by the chain of command").wait_for()
        wrong += looked_at(page, seen, "owner-card")
        page.keyboard.press("Tab")
        card.wait_for(state="hidden")
        assert wrong == []
