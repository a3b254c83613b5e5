"""The frame, the sign-in page and one's own page as a reader meets them, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages import look_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_signing_in_looks_well(live_server: Any) -> None:
    look_at(live_server, None, "/sign-in/login/")


def test_one_s_own_page_looks_well(live_server: Any, ana: Any) -> None:
    look_at(live_server, ana, "/account/")


def test_a_page_that_is_not_there_looks_well(live_server: Any, ana: Any) -> None:
    look_at(live_server, ana, "/nowhere/", status=404)
