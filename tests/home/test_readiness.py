"""The page of readiness: its numbers, its map, who stands alone, who can teach whom."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from pilothouse.competency.summary import findings
from pilothouse.home.readiness import gaps, readiness
from pilothouse.home.readiness.heat import MOST_SKILLS, MOST_UNITS, heat
from tests.competency.slow_coverage import Assigned, Need, Proof, SkillRow, World
from tests.competency.worlds import AT
from tests.home.readiness_world import facts, world


@pytest.fixture(scope="module")
def page() -> str:
    return readiness(facts(world(), rejected=3))


def test_the_opening_sentence_holds_the_numbers(page: str) -> None:
    say = re.search(r'<p class="say">(.*?)</p>', page)
    assert say is not None
    text = re.sub(r"<[^>]+>", "", say[1])
    assert text == "Of 12 needs, 4 are short today, by 8 people in all. 4 more break within 90 days; 4 rest on one person alone."  # fmt: skip
    assert len(text.split()) <= 40


def test_the_map_says_in_words_what_its_colours_say() -> None:
    told = facts(world(1))
    shown = heat(told.coverage, told.skills, AT)
    cells = dict(zip(shown.columns, shown.rows[0].cells, strict=True))
    assert (cells["ventilator"].text, cells["ventilator"].note, cells["ventilator"].gap) == ("0 of 2", "2 short", True)  # fmt: skip
    assert (cells["monitor"].text, cells["monitor"].note) == ("2 of 2", f"to {(AT + timedelta(30)).day} {AT + timedelta(30):%b}")  # fmt: skip
    assert (cells["pump"].text, cells["pump"].note, cells["pump"].gap) == ("1 of 1", "one alone", False)


def test_more_than_enough_in_one_need_does_not_hide_a_shortage_in_another() -> None:
    people = tuple(Assigned(f"P{at}", "ICU") for at in range(5))
    proofs = tuple(Proof(f"P{at}", "pump", 2, "course", AT) for at in range(5))
    told = facts(World(people, proofs, (Need("ICU", None, "pump", 2, 1), Need("ICU", None, "pump", 3, 2))))
    cell = heat(told.coverage, told.skills, AT).rows[0].cells[0]
    assert (cell.text, cell.note) == ("1 of 3", "2 short")


def test_too_many_skills_are_shown_by_category() -> None:
    rows = tuple(SkillRow(f"model {at:02d}", parent=f"category {at % 3}") for at in range(MOST_SKILLS + 3))
    needs = tuple(Need("ICU", None, row.name, 2, 1) for row in rows)
    told = facts(World((Assigned("Ana", "ICU"),), (), needs, rows))
    shown = heat(told.coverage, told.skills, AT)
    assert (shown.by, shown.columns) == ("category", ["category 0", "category 1", "category 2"])


def test_what_the_map_leaves_out_is_counted(page: str) -> None:
    told = facts(world(MOST_UNITS + 2))
    assert heat(told.coverage, told.skills, AT).left_units == 2
    assert "2 more units" in readiness(told)
    assert "more units" not in page


def test_a_skill_that_nobody_may_sign_off_says_so(page: str) -> None:
    told = facts(world(1))
    found = findings(told.coverage, AT)
    wanted = found["short"]
    taught, many = gaps.teaching(wanted, told.held, told.skills)
    assert (taught[0].skill, taught[0].missing, taught[0].many, taught[0].where, many) == ("ventilator", 2, 0, "Ward 00, night: 2", 1)  # fmt: skip
    assert "bring an assessor in" in page


def test_who_may_sign_off_holds_the_entitling_level() -> None:
    proofs = (Proof("Chief", "pump", 3, "course", AT), Proof("Dee", "pump", 2, "course", AT), Proof("Ana", "infusion", 4, "course", AT))  # fmt: skip
    told = facts(World((Assigned("Ben", "ICU"),), proofs, (Need("ICU", None, "pump", 2, 1),), (SkillRow("pump", parent="infusion"),)))  # fmt: skip
    taught, _ = gaps.teaching(findings(told.coverage, AT)["short"], told.held, told.skills)
    assert taught[0].entitled == "Ana and Chief"


def test_people_alone_are_listed_by_how_much_rests_on_them() -> None:
    people = (Assigned("Ana", "ICU"), Assigned("Ben", "OR"))
    proofs = (Proof("Ana", "pump", 2, "course", AT), Proof("Ben", "pump", 2, "course", AT), Proof("Ben", "monitor", 2, "course", AT))  # fmt: skip
    needs = (
        Need("ICU", None, "pump", 2, 1),
        Need("OR", None, "pump", 2, 1),
        Need("OR", None, "monitor", 1, 1),
    )
    told = facts(World(people, proofs, needs))
    alone, many = gaps.alone(findings(told.coverage, AT)["single"])
    assert [(one.person, one.needs) for one in alone] == [("Ben", 2), ("Ana", 1)]
    assert many == 2


def test_what_was_not_taken_is_said(page: str) -> None:
    assert "3 values or rows could not be taken or can never count" in page


def test_every_link_within_the_page_leads_somewhere(page: str) -> None:
    targets = set(re.findall(r'href="#([^"]+)"', page)) - {"mark"}
    ids = set(re.findall(r'id="([^"]+)"', page)) | set(re.findall(r'data-grid="([^"]+)"', page))
    assert {target for target in targets if not target.startswith(("i-", "sev-", "t-", "v-"))} <= ids


def test_nothing_is_loaded_from_outside_and_a_hostile_name_stays_text() -> None:
    bad = "<img src=x onerror=alert(1)>"
    page = readiness(facts(World((Assigned(bad, bad),), (Proof(bad, bad, 2, "course", AT),), (Need(bad, None, bad, 2, 1),))))  # fmt: skip
    assert bad not in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_no_need_is_said_in_words() -> None:
    page = readiness(facts(World((Assigned("Ana", "ICU"),), (), ())))
    assert "No need was given" in page


def test_the_same_facts_give_the_same_page(page: str) -> None:
    assert page == readiness(facts(world(), rejected=3))
