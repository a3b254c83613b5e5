"""The shell of a page that is one file."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from pilothouse.core.page import Part, Place, Shell, content_policy, drawn

SHELL = Shell(
    title="Readiness",
    dated="As of Mon 2 Nov 2026",
    foot="Pilothouse, North General. Readiness.",
    opening=(Part("12 needs", "needs", (("short", "yes"),)), Part(" are short.")),
    house="North <General>",
    places=(Place("needs", "Needs", "12", under=(Place("single", "One person"),)),),
)


def page(folder: Path, inner: str = "<p>{{ word }}</p>") -> str:
    (folder / "page.html").write_text(
        "{% extends 'kit/page.html' %}{% block main %}" + inner + "{% endblock %}", "utf-8"
    )
    return drawn(SHELL, folder, "page.html", {"word": "<b>"})


def test_a_room_fills_the_main_part_and_text_is_never_markup(tmp_path: Path) -> None:
    html = page(tmp_path)
    assert "<p>&lt;b&gt;</p>" in html
    assert "North &lt;General&gt;" in html
    assert '<a href="#needs">Needs<span class="nav-n">12</span></a>' in html


def test_the_page_loads_nothing_and_runs_only_its_own_script(tmp_path: Path) -> None:
    html = page(tmp_path)
    assert not re.search(r'(src|href)="https?:', html)
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert script
    assert style
    assert content_policy(style.group(1), script.group(1)) in html.replace("&#x27;", "'")


def test_bytes_of_the_command_line_that_are_no_text_do_not_break_the_page(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{% extends 'kit/page.html' %}", "utf-8")
    html = drawn(replace(SHELL, house="caf\udcff"), tmp_path, "page.html", {})
    assert "caf?" in html
