"""The navigation's numbers run on every page: each room asks once at most, whoever looks."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.core import ports
from pilothouse.core.permissions import viewer_of
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def test_each_rooms_numbers_cost_one_query_at_most(
    ana: Any, ben: Any, chief: Any, django_assert_max_num_queries: Any
) -> None:
    assert ports.counters
    for person in (ana, ben, chief):
        viewer = viewer_of(person, NOW)
        for counter in ports.counters:
            with django_assert_max_num_queries(1):
                counter.waiting(viewer)
