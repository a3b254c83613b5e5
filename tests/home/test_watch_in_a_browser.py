"""Home in a real browser: both themes, a screen and a phone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.home.test_watch import _found
from tests.pages import look_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_the_helm_ones_work_and_the_search_look_well(
    chief: Any, places: dict[str, Any], live_server: Any
) -> None:
    _found(3, places)
    look_at(live_server, chief, "/", "/my-work/", "/search/?q=unit")
