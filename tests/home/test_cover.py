"""The cover that leads to the reports of a folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pilothouse.core.page import Part, Shell, drawn
from pilothouse.home.cover import bind
from pilothouse.kernel.errors import UnreadableInput

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def report(folder: Path, title: str, said: str = "12 needs are short.") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.html").write_text("{% extends 'kit/page.html' %}", "utf-8")
    shell = Shell(title=title, dated="As of Mon 2 Nov 2026", foot="", opening=(Part(said),))
    (folder / "report.html").write_text(drawn(shell, folder, "main.html", {}), "utf-8")


def test_each_report_is_named_with_its_first_sentence_and_a_link(tmp_path: Path) -> None:
    report(tmp_path, "One register")
    report(tmp_path / "coverage & more", "Readiness <now>", said='Ward 3 & 4: "short".')
    cover, bound = bind(tmp_path, NOW)
    html = cover.read_text("utf-8")
    assert [one.path for one in bound] == ["report.html", "coverage%20%26%20more/report.html"]
    assert '<a href="coverage%20%26%20more/report.html">Readiness &lt;now&gt;</a>' in html
    assert bound[1].said == 'Ward 3 & 4: "short".'
    assert "Ward 3 &amp; 4: &quot;short&quot;." in html
    assert "As of Mon 2 Nov 2026" in html


def test_a_page_of_somebody_else_is_passed_over(tmp_path: Path) -> None:
    report(tmp_path, "One register")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "report.html").write_text("<title>Sales</title>", "utf-8")
    assert len(bind(tmp_path, NOW)[1]) == 1


def test_a_folder_without_a_report_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no report to bind"):
        bind(tmp_path / "nowhere", NOW)
    assert not (tmp_path / "nowhere").exists()
