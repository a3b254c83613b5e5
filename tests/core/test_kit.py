"""The kit's partials, style and fonts, without a server and without Django's settings."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pilothouse.core import charts, kit

ROOT = Path(__file__).resolve().parents[2]


def drawn(partial: str, **context: object) -> str:
    return str(kit.render(kit.environment(), f"kit/{partial}.html", context))


def test_the_kit_renders_without_settings() -> None:
    code = "from pilothouse.core import kit; from django.conf import settings; kit.render(kit.environment(), 'kit/sev.html', {'severity': 'high'}); assert not settings.configured"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_severity_is_ticks_and_a_word() -> None:
    assert 'href="#sev-4"' in drawn("sev", severity="critical")
    assert "Critical" in drawn("sev", severity="critical")
    assert "<svg" not in drawn("sev", severity="none")
    assert "Unknown" in drawn("sev", severity="none")


@pytest.mark.parametrize(
    ("truth", "word"), [("affected", "Affected"), ("possible", "Possible"), ("clear", "Not affected")]
)
def test_an_answer_is_a_fill_and_a_word(truth: str, word: str) -> None:
    html = drawn("truth", truth=truth)
    assert f'href="#t-{truth}"' in html
    assert word in html


@pytest.mark.parametrize("partial", ["owner", "note", "empty", "thread", "say"])
def test_what_a_file_says_is_never_markup(partial: str) -> None:
    hostile = "</script><script>alert(1)</script>\"'&"
    stop = {
        "step": "now",
        "name": hostile,
        "value": hostile,
        "link": hostile,
        "text": hostile,
        "where_json": hostile,
    }
    html = drawn(
        partial,
        name=hostile,
        post=hostile,
        text=hostile,
        strong=hostile,
        title=hostile,
        command=hostile,
        label=hostile,
        stops=[stop],
        parts=[stop],
    )
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert not re.search(r'="[^"]*&quot;[^"]*\'', html.replace("&#x27;", ""))


def test_every_symbol_a_partial_uses_is_in_the_sprite() -> None:
    symbols = set(re.findall(r'id="([^"]+)"', str(kit.icons())))
    for file in (
        *kit.TEMPLATES.rglob("*.html"),
        *(ROOT / "src/pilothouse/home/report/templates").rglob("*.html"),
    ):
        text = file.read_text("utf-8")
        assert set(re.findall(r'href="#((?:i|t|v|sev)-[a-z0-9]+)"', text)) <= symbols, file
        assert {f"i-{name}" for name in re.findall(r'icon[= ]"([a-z0-9]+)"', text)} <= symbols, file
    used = set(re.findall(r'symbol\("(i-[a-z0-9]+)"', kit.script()))
    assert used
    assert used <= symbols


def test_the_style_names_no_outside_address(tmp_path: Path) -> None:
    for fonts in (kit.FONTS, tmp_path):
        assert not re.findall(r'url\((?!"data:)', kit.stylesheet(fonts))


def test_fonts_that_were_not_cut_leave_their_fallback(tmp_path: Path) -> None:
    style = kit.stylesheet(tmp_path)
    assert "data:font" not in style
    assert 'local("IBM Plex Mono")' in style
    assert "Inter, system-ui" in style


def test_a_component_names_roles_and_never_a_colour() -> None:
    kit_css = (kit.LOOK / "kit.css").read_text("utf-8")
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s,)])", kit_css)


def test_the_foot_of_paper_cannot_end_the_style() -> None:
    foot = kit.page_foot('</style><script>alert(1)</script> "quoted" \\')
    assert "</style" not in foot
    assert foot.count("{") == foot.count("}")
    assert '\\"quoted\\"' in foot


def test_the_overlap_is_told_in_one_sentence() -> None:
    chart = charts.overlap(
        ["CMMS", "Network"],
        [charts.Share((0, 1), 1912), charts.Share((0,), 300), charts.Share((1,), 40)],
        "device",
    )
    assert (
        chart.sentence
        == "Of 2,252 devices: 1,912 on CMMS and Network, 300 on CMMS only and 40 on Network only."
    )
    lengths = [row.length for row in chart.rows]
    assert lengths[1] / lengths[0] == pytest.approx(300 / 1912, rel=0.02)


def test_small_combinations_are_counted_when_not_drawn() -> None:
    shares = [charts.Share((i,), 10 - i) for i in range(6)]
    chart = charts.overlap([f"List {i}" for i in range(6)], shares, "device", most=4)
    assert len(chart.rows) == 4
    assert "2 smaller combinations not drawn" in chart.sentence


def test_fonts_are_cut_small_with_their_licence(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "tools/fonts.py"), str(tmp_path)], check=True)
    sizes = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
    assert sizes.pop("LICENSE-OFL.txt") > 1000
    assert sorted(sizes) == ["plex-mono-400.woff2", "plex-mono-500.woff2", "plex-sans.woff2"]
    assert sizes["plex-sans.woff2"] < 65_000
    assert sizes["plex-mono-400.woff2"] < 15_000
    assert "data:font/woff2" in kit.stylesheet(tmp_path)
