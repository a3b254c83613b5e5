"""The report says what the tables say, in every variant, and nothing in a device's name can break it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import duckdb
import pytest

from pilothouse.home.report import FileFacts, ReportFacts, report, write_report
from pilothouse.home.report.facts import list_faces
from pilothouse.home.report.figures import count_all
from pilothouse.home.report.relations import prepared
from pilothouse.kernel.duck import engine
from tests.core.test_grid import unpacked
from tests.home import hospital


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with engine(memory_mb=500) as connection:
        yield connection


def words_of(html: str) -> str:
    """What a reader sees: without scripts, style and tags, blanks folded."""
    html = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def opening_of(html: str) -> str:
    found = re.search(r'<p class="say">(.*?)</p>', html, flags=re.DOTALL)
    assert found
    return re.sub(r"\s+([.,;])", r"\1", words_of(found.group(1)))


def grids_of(html: str) -> dict[str, tuple[dict[str, object], dict[str, list[object]]]]:
    return {
        name: unpacked(packed)
        for name, packed in re.findall(
            r'data-grid="(\w+)".*?class="grid-rows">([^<]*)<', html, flags=re.DOTALL
        )
    }


def small(con: duckdb.DuckDBPyConnection) -> ReportFacts:
    """Three devices on two lists, one of them on both and exposed to a hole that is known to be exploited."""
    hospital.empty_tables(con)
    a, b = "a.csv", "b.csv"
    con.execute(
        "INSERT INTO members VALUES ('d1', 'a.csv', 1), ('d1', 'b.csv', 1), ('d2', 'a.csv', 2), ('d3', 'b.csv', 2)"
    )
    con.execute(
        "INSERT INTO register (device, tag, maker, model, name, unit) VALUES ('d1', 'T1', 'BD', 'Alaris 8015', 'Pump', 'ICU'), ('d2', 'T2', 'ZOLL', 'R Series', 'Defibrillator', 'ICU'), ('d3', NULL, 'BD', 'Alaris 8015', NULL, NULL)"
    )
    con.execute(
        "INSERT INTO links VALUES ('a.csv', 1, 'T1', 'b.csv', 1, '', 0.999, 'match', 'same serial'), ('a.csv', 2, 'T2', 'b.csv', 2, '', 0.7, 'review', 'same unit; serials differ')"
    )
    con.execute(
        "INSERT INTO conflicts VALUES ('d1', 'serial', 'a: 1; b: 2', '1', 'agreement'), ('d1', 'room', 'a: 4; b: 5', '4', 'cmms first')"
    )
    con.execute(
        "INSERT INTO quality VALUES ('a.csv', 'serial', 'Ser', 2, 2, 0, 1, 1), ('a.csv', NULL, 'Notes', 2, 0, 0, 0, 0)"
    )
    con.execute(
        "CREATE TABLE exposures AS SELECT 'd1' AS device, 'T1' AS device_id, 'CVE-1' AS vulnerability, 'ADV-1' AS advisory, 'affected' AS status, 'CISA' AS source, 'all versions' AS reason, 'yes' AS kev, 0.5 AS epss, 9.8 AS cvss, 'unit:ICU' AS place, 'p1' AS owner, 'buy' AS position UNION ALL SELECT 'd3', '', 'CVE-1', 'ADV-1', 'possible', 'CISA', 'version unknown', 'yes', 0.5, 9.8, 'system', NULL, NULL UNION ALL SELECT 'd2', '', 'CVE-2', 'ADV-2', 'not_affected', 'CISA', 'fixed', '', NULL, NULL, 'system', NULL, NULL"
    )
    facts = hospital.facts(con)
    return replace(facts, files=(FileFacts(a, "cmms", 2), FileFacts(b, "network", 2)))


def test_the_opening_sentence_holds_the_numbers(con: duckdb.DuckDBPyConnection) -> None:
    opening = opening_of(report(con, small(con)))
    assert (
        opening
        == "3 devices stand on 2 lists, 1 on more than one. 1 is affected by a published advisory, 1 by one known to be exploited; 1 more may be. 1 pair waits for a yes or no."
    )
    assert len(opening.split()) <= 40


def test_that_nothing_is_exploited_is_said_only_when_it_was_looked_up(con: duckdb.DuckDBPyConnection) -> None:
    facts = small(con)
    con.execute("UPDATE exposures SET kev = ''")
    looked, advisories = report(con, facts), facts.advisories
    assert advisories is not None
    assert "1 is affected by a published advisory, none by one known to be exploited;" in opening_of(looked)
    assert "not one of these, by the 1,402 entries of the KEV list" in words_of(looked)
    unlooked = report(con, replace(facts, advisories=replace(advisories, known_exploited=None)))
    assert "exploited" not in opening_of(unlooked)
    assert "Known exploited: not looked for." in words_of(unlooked)


def test_what_is_exploited_stands_beside_the_severities(con: duckdb.DuckDBPyConnection) -> None:
    assert "Known to be exploited. 1 device affected, 1 more may be" in words_of(report(con, small(con)))


def test_spellings_of_a_maker_and_of_a_unit_are_one_group(con: duckdb.DuckDBPyConnection) -> None:
    facts = small(con)
    con.execute("DELETE FROM members WHERE device = 'd1'")
    con.execute("INSERT INTO members VALUES ('d4', 'b.csv', 3), ('d5', 'b.csv', 4)")
    con.execute("INSERT INTO register (device, maker, unit) VALUES ('d4', 'Becton, Dickinson and Company', 'ICU-B4'), ('d5', 'CareFusion', 'icu b4')")  # fmt: skip
    with prepared(con, list_faces(facts.files)) as ready:
        figures = count_all(ready)
    assert figures.one_sided_by_maker[0].counts == (0, 3)
    assert {g.counts for g in figures.one_sided_by_unit if "4" in g.group} == {(0, 2)}


def test_a_shouted_description_is_shown_in_sentence_case_and_kept_as_it_is(
    con: duckdb.DuckDBPyConnection,
) -> None:
    facts = small(con)
    con.execute("UPDATE register SET name = 'CT SCANNER, MULTI-SLICE', maker = 'BD', model = 'BD Pyxis'")
    columns = grids_of(report(con, facts))["equipment"][1]
    assert set(columns["title"]) == {"CT scanner, multi-slice"}
    assert set(columns["name"]) == {"CT SCANNER, MULTI-SLICE"}
    assert set(columns["detail"]) == {"BD Pyxis"}


def test_every_claim_of_a_field_is_carried(con: duckdb.DuckDBPyConnection) -> None:
    facts = replace(small(con), files=tuple(FileFacts(f, "cmms", 2) for f in ("a.csv", "b.csv", "c.csv")))
    rule = "2 of 3 sources agree"
    con.execute("INSERT INTO claims VALUES ('d1', 'serial', 'a.csv', 1, '1', '', 'yes', ?), ('d1', 'serial', 'b.csv', 1, '1', '', 'no', ?), ('d1', 'serial', 'c.csv', 7, '2', '', 'no', ?)", [rule] * 3)  # fmt: skip
    html = report(con, facts)
    agreed, lost = (unpacked(p)[1] for p in re.findall(r'class="claims-\w+"[^>]*>([^<]*)<', html))
    assert set(agreed["serial"]) == {f"CMMS 1|CMMS 2|{rule}", None}
    assert [lost[key] for key in ("field", "list", "row", "value", "state")] == [["serial"], ["CMMS 3"], [7], ["2"], ["lost"]]  # fmt: skip


def test_an_invalid_chain_is_said_where_an_owner_would_stand(con: duckdb.DuckDBPyConnection) -> None:
    facts = replace(small(con), people={}, positions={}, helm="", chain_invalid=True)
    text = words_of(report(con, facts))
    assert "No one: the chain has errors" in text
    assert "Owner chain has errors" in text
    assert "no chain given" not in text


def test_a_person_is_named_for_what_is_affected_and_nobody_is_invented(
    con: duckdb.DuckDBPyConnection,
) -> None:
    text = words_of(report(con, small(con)))
    assert "Decide on BD Alaris 8015: 1 is affected, 1 more may be known exploited CVE-1 in ADV-1" in text
    assert "CVE-1 in ADV-1 GW Grace W. 1 No one is named 1 2" in text


def test_what_nobody_surely_has_asks_for_the_version_first(con: duckdb.DuckDBPyConnection) -> None:
    facts = small(con)
    con.execute("DELETE FROM exposures WHERE status = 'affected'")
    assert "Find out the version of BD Alaris 8015: 1 may be affected" in words_of(report(con, facts))


def test_each_exposed_device_waits_for_one_owner(con: duckdb.DuckDBPyConnection) -> None:
    hospital.tables(con, 500)
    facts = hospital.facts(con)
    with prepared(con, list_faces(facts.files)) as ready:
        figures = count_all(ready)
    for question in figures.questions:
        devices = con.execute(
            "SELECT count(DISTINCT device) FROM exposures WHERE advisory = ? AND status <> 'not_affected'",
            [question.advisory],
        ).fetchall()[0][0]
        assert question.affected + question.possible == devices
    assert (
        sum(owner.affected + owner.possible for owner in figures.owners)
        == figures.affected + figures.possible
    )


def test_every_figure_is_counted_once(con: duckdb.DuckDBPyConnection) -> None:
    facts = small(con)
    with prepared(con, list_faces(facts.files)) as ready:
        figures = count_all(ready)
    assert (figures.devices, figures.shared, figures.alone_by_side) == (3, 1, (1, 1))
    assert (figures.affected, figures.possible, figures.kev_devices, figures.clear_lines) == (1, 1, 1, 1)
    assert [(s.severity, s.affected, s.possible) for s in figures.severities] == [("critical", 1, 1)]
    assert [(c.field, c.devices) for c in figures.conflicts] == [("serial", 1), ("room", 1)]
    assert [(o.lists, o.devices) for o in figures.overlaps] == [((0,), 1), ((1,), 1), ((0, 1), 1)]
    assert (figures.pairs_matched, figures.pairs_to_review, figures.conflict_devices) == (1, 1, 1)


def test_the_connection_is_left_as_it_was(con: duckdb.DuckDBPyConnection) -> None:
    facts = small(con)
    names = "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1"
    before = con.execute(names).fetchall()
    report(con, facts)
    assert con.execute(names).fetchall() == before


def test_the_same_tables_give_the_same_page(con: duckdb.DuckDBPyConnection) -> None:
    hospital.tables(con, 300)
    facts = hospital.facts(con)
    assert report(con, facts) == report(con, facts)


def test_tables_hold_every_row(con: duckdb.DuckDBPyConnection) -> None:
    hospital.tables(con, 300)
    grids = grids_of(report(con, hospital.facts(con)))
    assert len(set(grids["equipment"][1]["device"])) == 300
    pairs = con.execute("SELECT count(*) FROM links WHERE decision = 'review'").fetchall()[0][0]
    assert grids["pairs"][0]["rows"] == pairs
    exposed = con.execute("SELECT count(*) FROM exposures WHERE status <> 'not_affected'").fetchall()[0][0]
    assert grids["exposed"][0]["rows"] == exposed


def test_the_views_counts_are_what_their_filters_find(con: duckdb.DuckDBPyConnection) -> None:
    hospital.tables(con, 300)
    for head, columns in grids_of(report(con, hospital.facts(con))).values():
        for view in head["views"]:  # type: ignore[attr-defined]
            found = [
                row
                for row in range(int(str(head["rows"])))
                if all(columns[key][row] == value for key, value in view["where"].items())
            ]
            assert len(found) == view["rows"], view


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


def test_a_hostile_device_stays_text(con: duckdb.DuckDBPyConnection) -> None:
    facts = small(con)
    for column in ("name", "maker", "model", "unit", "tag", "serial"):
        con.execute(f"UPDATE register SET {column} = ?", [HOSTILE])
    con.execute('UPDATE conflicts SET "values" = ?, winner = ?, rule = ?', [HOSTILE] * 3)
    con.execute("UPDATE links SET evidence = ?, left_key = ?", [HOSTILE] * 2)
    con.execute("UPDATE exposures SET vulnerability = ?, advisory = ?, reason = ?, owner = ?", [HOSTILE] * 4)
    con.execute("INSERT INTO claims VALUES ('d1', 'serial', 'a.csv', 1, ?, '', 'yes', ?), ('d1', 'serial', 'b.csv', 1, '2', '', 'no', ?)", [HOSTILE] * 3)  # fmt: skip
    con.execute('UPDATE quality SET "column" = ?', [HOSTILE])
    html = report(
        con, replace(facts, house=HOSTILE, command=HOSTILE, people={HOSTILE: HOSTILE}, notes=(HOSTILE,))
    )
    packed = html.count('<script type="application/octet-stream')
    assert html.count("<script") == 1 + packed
    assert packed == len(grids_of(html)) + 2
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert HOSTILE in grids_of(html)["equipment"][1]["serial"]


def test_a_file_name_that_is_no_text_does_not_stop_the_report(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    facts = small(con)
    write_report(
        con,
        replace(facts, command="pilothouse reconcile caf\udce9.csv", house="caf\udce9"),
        tmp_path / "report.html",
    )
    assert "caf?.csv" in (tmp_path / "report.html").read_text("utf-8")


def test_nothing_is_loaded_from_outside(con: duckdb.DuckDBPyConnection) -> None:
    html = report(con, small(con))
    assert not re.findall(r'(?:src|href|action|srcset|poster)="(?!#|data:)', html)
    policy = unescape(re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)[0])
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.findall(r'\sstyle="|\son\w+="', re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL))


def test_without_advisories_the_report_says_how_to_look(con: duckdb.DuckDBPyConnection) -> None:
    hospital.tables(con, 50, exposures=False)
    html = report(con, hospital.facts(con, exposures=False, chain=False))
    text = words_of(html)
    assert "No advisories were given" in text
    assert "Findings no advisories given" in text
    assert "affected" not in opening_of(html)
    assert "not looked for" in text
    assert "none known" not in text


def test_without_a_chain_no_owner_is_shown(con: duckdb.DuckDBPyConnection) -> None:
    hospital.tables(con, 50, chain=False)
    text = words_of(report(con, hospital.facts(con, chain=False)))
    assert "No one is named." in text
    assert "Owner no chain of command given" in text
    assert "Grace W." not in text


def test_lists_without_a_device_teach_the_first_step(con: duckdb.DuckDBPyConnection) -> None:
    hospital.empty_tables(con)
    facts = hospital.facts(con, exposures=False, chain=False)
    text = words_of(report(con, replace(facts, files=(FileFacts("empty.csv", "cmms", 0),))))
    assert "No device was found in these lists" in text
    assert "pilothouse reconcile cmms.csv --map" in text
    for claim in ("Nothing waits", "they agree", "No pair needs a person"):
        assert claim not in text


def test_one_list_is_told_to_bring_a_second(con: duckdb.DuckDBPyConnection) -> None:
    facts = small(con)
    con.execute("DELETE FROM members WHERE file = 'b.csv'")
    html = report(con, replace(facts, files=facts.files[:1]))
    assert opening_of(html).startswith("2 devices stand on 1 list.")
    assert "One list has nothing to overlap with" in words_of(html)


def test_every_link_within_the_page_leads_somewhere(con: duckdb.DuckDBPyConnection) -> None:
    pages = [report(con, small(con))]
    con.execute("DROP TABLE exposures; DELETE FROM links; DELETE FROM conflicts; DELETE FROM quality")
    pages.append(report(con, hospital.facts(con, exposures=False, chain=False)))
    con.execute("DELETE FROM members")
    pages.append(report(con, hospital.facts(con, exposures=False, chain=False)))
    for html in pages:
        places = set(re.findall(r'\bid="([^"]+)"', html))
        assert set(re.findall(r'<a\b[^>]* href="#([^"]+)"', html)) <= places
        assert set(re.findall(r'aria-labelledby="([^"]+)"', html)) - {"sheet-title"} <= places


def test_no_device_is_said_in_words(con: duckdb.DuckDBPyConnection) -> None:
    hospital.empty_tables(con)
    html = report(con, hospital.facts(con, exposures=False, chain=False))
    assert opening_of(html) == "No device was found in 3 lists."


def test_two_lists_of_one_kind_are_told_apart() -> None:
    faces = list_faces(
        (FileFacts("a/x.csv", "cmms", 1), FileFacts("b/x.csv", "cmms", 1), FileFacts("n.csv", "network", 1))
    )
    assert [face.short for face in faces] == ["CMMS 1", "CMMS 2", "Network"]
    assert [face.side for face in faces] == ["HTM", "HTM", "IT"]


def test_lists_of_one_side_are_sides_of_their_own() -> None:
    faces = list_faces((FileFacts("n.csv", "network", 1), FileFacts("s.csv", "security", 1)))
    assert [face.side for face in faces] == ["Network", "Security"]


def test_the_voice_has_no_please_and_no_exclamation(con: duckdb.DuckDBPyConnection) -> None:
    hospital.tables(con, 200)
    text = words_of(report(con, hospital.facts(con))).lower()
    assert not re.findall(
        r"\bplease\b|successfully|!|\bn/a\b|\bnone\b(?! (?:yet|known|needed))|\bnull\b|\bnan\b", text
    )


def test_a_stopped_run_leaves_the_old_report(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    facts = small(con)
    target = tmp_path / "report.html"
    target.write_text("the old one")
    con.execute("DROP TABLE links")
    with pytest.raises(duckdb.Error):
        write_report(con, facts, target)
    assert target.read_text() == "the old one"
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
