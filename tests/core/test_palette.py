"""The command palette: what rooms find, where one can go, eight rows, and nothing of a room can break out of its text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.core import navigation, ports
from pilothouse.core.palette import MOST, found, marked, shared_out
from pilothouse.core.permissions import Viewer, viewer_of
from pilothouse.core.ports import Hit
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


class Finds:
    """A room that finds so many things of a kind."""

    def __init__(self, kind: str, amount: int) -> None:
        self.kind, self.amount = kind, amount
        self.asked: list[tuple[str, int]] = []

    def find(self, viewer: Viewer, text: str, most: int) -> list[Hit]:
        self.asked.append((text, most))
        return [Hit(self.kind, f"{text} <{n}>", "detail", f"/x/{n}/") for n in range(min(self.amount, most))]


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> list[Finds]:
    wired = [Finds("Equipment", 50), Finds("Findings", 1)]
    monkeypatch.setattr(ports, "finders", wired)
    monkeypatch.setattr(navigation, "address", lambda page: f"/{page}/")
    return wired


def test_every_kind_gets_a_share_of_eight_rows(rooms: list[Finds], ana: Any) -> None:
    groups = found(viewer_of(ana, NOW), "equipment")
    assert [(group.kind, len(group.rows)) for group in groups] == [
        ("Equipment", 6),
        ("Findings", 1),
        ("Go to", 1),
    ]
    assert [row.first for group in groups for row in group.rows] == [True] + [False] * 7


def test_without_a_text_the_places_are_listed_and_no_room_is_asked(rooms: list[Finds], ana: Any) -> None:
    groups = found(viewer_of(ana, NOW), "")
    assert [group.kind for group in groups] == ["Go to"]
    assert len(groups[0].rows) == MOST
    assert rooms[0].asked == []


def test_a_kind_alone_gets_all_rows_and_another_kind_none(rooms: list[Finds], ana: Any) -> None:
    groups = found(viewer_of(ana, NOW), "equipment", "Equipment")
    assert [(group.kind, len(group.rows)) for group in groups] == [("Equipment", MOST)]
    assert found(viewer_of(ana, NOW), "equipment", "People") == []


def test_what_was_found_is_text_and_what_fits_is_marked(
    rooms: list[Finds], ana: Any, client_of: Callable[[Any], Client]
) -> None:
    page = client_of(ana).get("/palette/", {"q": "<b>\0"}).text
    assert "<b>" not in page
    assert "<mark>&lt;b&gt;</mark> &lt;0&gt;" in page


def test_nothing_found_says_so(
    ana: Any, client_of: Callable[[Any], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "finders", [])
    assert "Nothing fits." in client_of(ana).get("/palette/", {"q": "zzz"}).text


def test_who_is_not_signed_in_finds_nothing() -> None:
    assert Client().get("/palette/?q=x").status_code == 302


@given(st.lists(st.integers(0, 30), max_size=6))
def test_shares_use_all_rows_that_there_are(amounts: list[int]) -> None:
    shares = shared_out(amounts)
    assert sum(shares) == min(MOST, sum(amounts))
    assert all(share <= amount for share, amount in zip(shares, amounts, strict=True))


@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=5).map(str.casefold), max_size=4))
def test_marking_changes_no_letter(title: str, words: list[str]) -> None:
    from html import unescape

    markup = marked(title, words)
    plain = markup.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in plain
    assert unescape(plain) == unescape(title) or "&" in title


def test_static_files_are_named_by_their_content_once_collected(settings: Any, tmp_path: Any) -> None:
    from django.contrib.staticfiles.storage import staticfiles_storage

    from pilothouse.core.assets import Assets, collect

    settings.STATIC_ROOT = tmp_path
    staticfiles_storage._wrapped = Assets(location=str(tmp_path))
    try:
        assert collect()
        assert not collect()
        names = {path.name for path in (tmp_path / "pilothouse").iterdir()}
        script = next(
            name
            for name in names
            if name.startswith("frame.") and name.endswith(".js") and name != "frame.js"
        )
        assert "./keys." in (tmp_path / "pilothouse" / script).read_text()
        assert staticfiles_storage.url("pilothouse/frame.js").endswith(script)
        assert {f"{script}.gz", f"{script}.br"} <= names
    finally:
        staticfiles_storage._wrapped = Assets()
