"""Who answers: one small table for each rule of the chain's semantics."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from pilothouse.governance.answers import answer_as_json, answer_in_words
from pilothouse.governance.rules import who
from pilothouse.governance.words import SYSTEM, Answer, BeforeTheFirstHelm, Place, UnknownPlace
from tests.governance.hospital import FILES, at, chain_of, with_changed, with_lines, with_more

ICU = Place("unit", "ICU")
ABSENT = "person,from,to"
ROSTER = "position,person,from,to"
DELEGATIONS = "position,topic,person,from,to"


def ask(
    folder: Path,
    files: dict[str, list[str]],
    topic: str = "repair",
    place: Place = ICU,
    moment: str = "2026-11-02T12:00",
    amount: str | None = None,
    tz: str = "UTC",
) -> Answer:
    chain = chain_of(folder, files, tz)
    return who(chain, topic, place, at(moment, tz), None if amount is None else Decimal(amount))


def way(answer: Answer) -> list[tuple[str, str]]:
    return [(step.position, step.why) for step in answer.path]


@pytest.mark.parametrize(
    ("topic", "place", "position"),
    [
        ("repair", ICU, "CN-ICU"),
        ("repair", Place("unit", "ED"), "BIOMED"),
        ("repair", Place("facility", "MERCY"), "BIOMED"),
        ("repair", Place("unit", "NICU"), "HTM"),
        ("repair", SYSTEM, "HTM"),
        ("cybersecurity", ICU, "CISO"),
        ("recall", ICU, "HTM"),
        ("*", ICU, "HTM"),
    ],
)
def test_the_narrowest_mandate_for_the_topic_wins_then_the_one_for_every_topic(
    tmp_path: Path, topic: str, place: Place, position: str
) -> None:
    assert ask(tmp_path, FILES, topic, place).path[0].position == position


def test_a_wide_mandate_for_the_topic_wins_over_a_narrow_one_for_every_topic(tmp_path: Path) -> None:
    files = with_more(mandates=["*,unit,ICU,CN-ICU,,"])
    assert ask(tmp_path, files, "maintenance").position == "HTM"
    assert ask(tmp_path, files, "recall").position == "CN-ICU"


def test_without_any_mandate_the_helm_answers(tmp_path: Path) -> None:
    answer = ask(tmp_path, with_lines(mandates=FILES["mandates"][:2]), "recall")
    assert way(answer) == [("COO", "answers (holder)")]
    assert answer.next == ()


def test_the_delegate_answers_before_the_shift_the_holder_and_the_deputy(tmp_path: Path) -> None:
    roster = [ROSTER, "CN-ICU,fay,2026-11-02T07:00,2026-11-02T19:00"]
    delegations = [DELEGATIONS, "CN-ICU,*,dee,,", "CN-ICU,repair,eve,,"]
    answer = ask(tmp_path, with_lines(roster=roster, delegations=delegations))
    assert (answer.person, answer.path[0].why) == ("eve", "answers (delegate)")
    assert [following.person for following in answer.next] == ["dee", "fay", "ana"]
    answer = ask(tmp_path, with_lines(roster=roster))
    assert (answer.person, answer.path[0].why) == ("fay", "answers (shift)")
    assert (ask(tmp_path, FILES).person, ask(tmp_path, FILES).path[0].why) == ("ana", "answers (holder)")
    answer = ask(tmp_path, with_lines(absences=[ABSENT, "ana,,"]))
    assert (answer.person, answer.path[0].why) == ("ben", "answers (deputy)")


def test_a_delegation_counts_for_the_topic_asked_though_the_mandate_is_for_every_topic(
    tmp_path: Path,
) -> None:
    files = with_lines(delegations=[DELEGATIONS, "HTM,*,fay,,", "HTM,recall,ben,,"])
    assert ask(tmp_path, files, "recall").person == "ben"
    assert ask(tmp_path, files, "training").person == "fay"


def test_the_delegates_own_delegations_are_not_followed(tmp_path: Path) -> None:
    files = with_lines(delegations=[DELEGATIONS, "CN-ICU,repair,dee,,", "HTM,*,fay,,"])
    assert ask(tmp_path, files).person == "dee"


@pytest.mark.parametrize(
    ("shifts", "person"),
    [
        (["fay,2026-11-02T07:00,2026-11-02T19:00", "eve,2026-11-02T11:00,2026-11-02T13:00"], "eve"),
        (["eve,2026-11-02T11:00,2026-11-02T13:00", "fay,2026-11-02T07:00,2026-11-02T19:00"], "eve"),
        (["fay,2026-11-02T07:00,2026-11-02T19:00", "eve,2026-11-02T07:00,2026-11-02T13:00"], "eve"),
        (["fay,,", "eve,2020-01-01,"], "eve"),
        (["fay,2026-11-02T12:00,", "eve,,2026-11-02T12:00"], "fay"),
    ],
)
def test_of_several_shifts_the_one_that_began_last_answers_then_the_later_row(
    tmp_path: Path, shifts: list[str], person: str
) -> None:
    files = with_lines(roster=[ROSTER, *(f"CN-ICU,{shift}" for shift in shifts)])
    assert ask(tmp_path, files).person == person


def test_deputies_stand_in_by_order_then_by_begin_then_by_row(tmp_path: Path) -> None:
    appointments = [
        *FILES["appointments"][:8],
        "fay,CN-ICU,deputy,,,",
        "dee,CN-ICU,deputy,,2020-01-01,",
        "eve,CN-ICU,deputy,2,2021-01-01,",
        "ben,CN-ICU,deputy,2,,",
    ]
    answer = ask(tmp_path, with_lines(appointments=appointments, absences=[ABSENT, "ana,,"]))
    assert [answer.person, *(following.person for following in answer.next)] == ["ben", "eve", "fay", "dee"]


def test_an_empty_position_costs_no_time(tmp_path: Path) -> None:
    files = with_lines(appointments=FILES["appointments"][:7])
    answer = ask(tmp_path, files)
    assert way(answer) == [("CN-ICU", "vacant"), ("BIOMED", "answers (holder)")]


def test_absences_that_touch_count_as_one_and_their_end_is_told(tmp_path: Path) -> None:
    absences = [
        ABSENT,
        "ana,2026-11-02,2026-11-03",
        "ana,2026-11-03,2026-11-05T07:00",
        "ana,2026-11-06,",
        "ben,,",
    ]
    answer = ask(tmp_path, with_lines(absences=absences))
    assert way(answer)[0] == ("CN-ICU", "away")
    told = answer_as_json(answer)["path"][0]["people"]
    assert told == [
        {"person": "ana", "why": "away until 2026-11-05T07:00:00+00:00"},
        {"person": "ben", "why": "away until "},
    ]


@pytest.mark.parametrize(
    ("moment", "person"),
    [
        ("2026-11-02T06:59:59", "ana"),
        ("2026-11-02T07:00", "fay"),
        ("2026-11-02T18:59:59", "fay"),
        ("2026-11-02T19:00", "ana"),
    ],
)
def test_a_shift_begins_with_its_first_instant_and_is_over_at_its_last(
    tmp_path: Path, moment: str, person: str
) -> None:
    files = with_lines(roster=[ROSTER, "CN-ICU,fay,2026-11-02T07:00,2026-11-02T19:00"])
    assert ask(tmp_path, files, moment=moment).person == person


def test_if_everyone_is_away_the_helms_holder_answers_marked_away_with_nobody_next(tmp_path: Path) -> None:
    everyone = [f"{person},," for person in ("ana", "ben", "chief", "dee", "eve", "fay")]
    answer = ask(tmp_path, with_lines(absences=[ABSENT, *everyone]))
    assert (answer.person, answer.position, answer.away, answer.next) == ("chief", "COO", True, ())
    assert way(answer) == [
        ("CN-ICU", "away"),
        ("BIOMED", "away"),
        ("HTM", "away"),
        ("COO", "answers (holder)"),
    ]


def test_a_helm_whose_holder_is_away_is_answered_by_whoever_is_on_shift_there(tmp_path: Path) -> None:
    files = with_lines(
        absences=[ABSENT, "chief,,"],
        roster=[ROSTER, "COO,fay,,"],
        mandates=["topic,scope_kind,scope,position"],
    )
    answer = ask(tmp_path, files)
    assert (answer.person, answer.away, answer.next) == ("fay", False, ())


@pytest.mark.parametrize(
    ("amount", "position"),
    [("500", "CN-ICU"), ("500.01", "BIOMED"), ("20000", "BIOMED"), ("20001", "HTM"), ("100001", "COO")],
)
def test_a_mandate_below_the_amount_counts_as_absent(tmp_path: Path, amount: str, position: str) -> None:
    assert ask(tmp_path, FILES, amount=amount).position == position


def test_on_the_way_up_a_position_with_too_small_a_mandate_is_passed(tmp_path: Path) -> None:
    files = with_lines(
        mandates=[
            FILES["mandates"][0],
            "repair,unit,ICU,CN-ICU,,",
            "repair,unit,ED,BIOMED,100,",
            "*,system,,HTM,100,",
        ],
        absences=[ABSENT, "ana,,", "ben,,"],
    )
    answer = ask(tmp_path, files, amount="500")
    assert way(answer) == [
        ("CN-ICU", "away"),
        ("BIOMED", "mandate too small"),
        ("HTM", "mandate too small"),
        ("COO", "answers (holder)"),
    ]
    assert way(ask(tmp_path, files))[1] == ("BIOMED", "answers (deputy)")


def test_the_helm_is_never_passed_for_an_amount(tmp_path: Path) -> None:
    files = with_lines(mandates=[FILES["mandates"][0], "repair,system,,COO,100,"])
    assert way(ask(tmp_path, files, amount="5000")) == [("COO", "answers (holder)")]


def test_one_sufficient_mandate_for_every_topic_is_enough_to_answer(tmp_path: Path) -> None:
    files = with_lines(mandates=[FILES["mandates"][0], "repair,unit,ICU,CN-ICU,100,", "*,unit,ICU,CN-ICU,,"])
    assert way(ask(tmp_path, files, amount="5000")) == [("CN-ICU", "answers (holder)")]


def test_the_next_in_line_are_found_by_asking_again_as_if_those_before_were_away(tmp_path: Path) -> None:
    answer = ask(tmp_path, FILES)
    assert [(n.person, n.position) for n in answer.next] == [
        ("ben", "CN-ICU"),
        ("eve", "BIOMED"),
        ("dee", "HTM"),
    ]


def test_rows_count_only_in_their_own_time(tmp_path: Path) -> None:
    header = f"{FILES['mandates'][0]},from,to"
    mandates = [
        header,
        "repair,unit,ICU,CN-ICU,,,,2026-11-02T12:00",
        "repair,unit,ICU,HTM,,,2026-11-02T12:00,",
    ]
    files = with_lines(mandates=mandates)
    assert ask(tmp_path, files, moment="2026-11-02T11:59:59").position == "CN-ICU"
    assert ask(tmp_path, files).position == "HTM"


def test_outside_its_own_time_a_position_has_nobody_and_the_question_climbs(tmp_path: Path) -> None:
    positions = [f"{FILES['positions'][0]},to", *(f"{line}," for line in FILES["positions"][1:5])]
    positions.append(f"{FILES['positions'][5]},2026-11-02")
    assert way(ask(tmp_path, with_lines(positions=positions))) == [
        ("CN-ICU", "vacant"),
        ("BIOMED", "answers (holder)"),
    ]


def test_a_unit_outside_its_own_time_is_unknown(tmp_path: Path) -> None:
    units = [
        f"{FILES['units'][0]},from,to",
        "ICU,MERCY,,,,2026-11-02",
        "ED,MERCY,,,2026-12-01,",
        "NICU,HOPE,,,2026-12-01,",
    ]
    chain = chain_of(tmp_path, with_lines(units=units))
    with pytest.raises(UnknownPlace, match="ended"):
        who(chain, "repair", ICU, at())
    with pytest.raises(UnknownPlace, match="begins"):
        who(chain, "repair", Place("unit", "ED"), at())
    with pytest.raises(UnknownPlace, match="no unit at"):
        who(chain, "repair", Place("facility", "HOPE"), at())
    assert who(chain, "repair", ICU, at("2026-11-01T23:59:59")).person == "ana"


@pytest.mark.parametrize(
    ("place", "hint"),
    [
        (Place("unit", "icu"), "near it: ICU"),
        (Place("unit", "Intensive care"), "ICU (Intensive care)"),
        (Place("unit", "MERCY"), "--facility MERCY"),
        (Place("facility", "ED"), "--unit ED"),
        (Place("facility", "MERCI"), "MERCY (Mercy Hospital)"),
        (Place("unit", ""), "there is no unit ''"),
    ],
)
def test_an_unknown_place_is_answered_with_near_names(tmp_path: Path, place: Place, hint: str) -> None:
    with pytest.raises(UnknownPlace) as caught:
        who(chain_of(tmp_path, FILES), "repair", place, at())
    assert hint in str(caught.value)


def test_before_the_first_helm_holder_nobody_can_be_named(tmp_path: Path) -> None:
    files = with_changed("appointments", 1, "chief,COO,holder,,2026-11-02T12:00,")
    with pytest.raises(BeforeTheFirstHelm, match="begins at 2026-11-02T12:00"):
        ask(tmp_path, files, moment="2026-11-02T11:59:59")
    assert ask(tmp_path, files).person == "ana"


def test_times_are_read_and_told_in_the_zone_asked_for(tmp_path: Path) -> None:
    files = with_lines(
        absences=[ABSENT, "ana,2026-03-28T12:00,2026-03-29T02:30"], settings=["key,value", "tz,Europe/Berlin"]
    )
    answer = ask(tmp_path, files, moment="2026-03-29T01:59", tz="Europe/Berlin")
    told = answer_as_json(answer)
    assert told["at"] == "2026-03-29T01:59:00+01:00"
    assert told["path"][0]["people"] == [{"person": "ana", "why": "away until 2026-03-29T03:00:00+02:00"}]
    assert ask(tmp_path, files, moment="2026-03-29T02:30", tz="Europe/Berlin").person == "ana"


def test_the_answer_has_the_shape_of_the_contracts(tmp_path: Path) -> None:
    told = answer_as_json(ask(tmp_path, FILES, "repair", Place("facility", "MERCY")))
    assert json.loads(json.dumps(told)) == {
        "topic": "repair",
        "place": {"kind": "facility", "id": "MERCY"},
        "at": "2026-11-02T12:00:00+00:00",
        "person": "ben",
        "name": "Ben Brown",
        "email": "ben@mercy.example",
        "phone": None,
        "position": "BIOMED",
        "title": "Biomed lead Mercy",
        "away": False,
        "path": [{"position": "BIOMED", "why": "answers (holder)", "people": []}],
        "next": [
            {"person": "eve", "position": "BIOMED"},
            {"person": "dee", "position": "HTM"},
            {"person": "chief", "position": "COO"},
        ],
    }


def test_in_words_the_answer_says_who_how_to_reach_them_why_and_whom_to_ask_next(tmp_path: Path) -> None:
    files = with_lines(absences=[ABSENT, "ana,,2026-11-03T07:00"])
    told = answer_in_words(ask(tmp_path, files), chain_of(tmp_path, files))
    assert told.splitlines() == [
        "Repair, ICU (Intensive care, Mercy Hospital), Mon 2 November 2026, 12:00 (UTC)",
        "",
        "  Ben Brown answers, as Charge nurse ICU (CN-ICU)",
        "    email  ben@mercy.example",
        "",
        "Why",
        "  Repair in ICU (Intensive care, Mercy Hospital) is the business of Charge nurse ICU (CN-ICU).",
        "  Charge nurse ICU (CN-ICU): Ben Brown, deputy",
        "    Ana Alvarez is away until Tue 3 November 2026, 07:00",
        "",
        "If Ben Brown cannot be reached",
        "  1. Eve Evans, Biomed lead Mercy",
        "     phone  +1 555 0105",
        "     email  eve@mercy.example",
        "  2. Dee Diaz, Director of HTM",
        "     phone  +1 555 0104",
        "     email  dee@mercy.example",
        "  3. Chris Chief, Chief operating officer",
        "     phone  +1 555 0103",
    ]


def test_in_words_an_answer_marked_away_says_so(tmp_path: Path) -> None:
    files = with_lines(absences=[ABSENT, *(f"{p},," for p in ("ana", "ben", "chief", "dee", "eve", "fay"))])
    told = answer_in_words(ask(tmp_path, files), chain_of(tmp_path, files))
    assert "Chris Chief answers, as Chief operating officer (COO)" in told
    assert "AWAY" in told
    assert "with no end known" in told
    assert told.endswith("Nobody is next in line.\n")
