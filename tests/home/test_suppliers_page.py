"""The buyer's page: what it says, what it never ranks by, and that it stays small."""

from __future__ import annotations

import re
from dataclasses import replace

import pyarrow as pa
import pytest

from pilothouse.core import words
from pilothouse.home.suppliers import report
from pilothouse.home.suppliers.cards import expected_bad, most_worse
from pilothouse.home.suppliers.facts import ALL, bad_items, lines, quarters
from pilothouse.home.suppliers.pictures import axis_for, funnel, interval, rate_text
from pilothouse.kernel.duck import engine
from pilothouse.parts.engine import share
from pilothouse.parts.rates import BY_NAME, RATES
from tests.home.market import AT, BAD, FACTS, SLANDERED, receipts, scored


@pytest.fixture(scope="module")
def made() -> tuple[str, pa.Table]:
    with engine(300, 1) as con:
        scores = scored(con)
        return report(con, scores, replace(FACTS, receipts=100)), scores


def text_of(html: str) -> str:
    """The page's words: no style, script or tag."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<(style|script)\b.*?</\1>", "", html)))


def test_it_opens_with_a_sentence_of_at_most_forty_words_that_holds_its_numbers(
    made: tuple[str, pa.Table],
) -> None:
    html, scores = made
    said = re.search(r'name="description" content="([^"]*)"', html)
    assert said
    likely = sum((line.worse or 0) >= 0.95 for line in lines(scores))
    assert said[1].startswith(f"100 receipts of 8 suppliers: {likely} rate")
    assert len(said[1].split()) <= 40


def test_the_worse_supplier_is_named_and_the_slandered_one_is_not(made: tuple[str, pa.Table]) -> None:
    told, _ = most_worse(lines(made[1]), {})
    named = {row.line.supplier for one in told for row in one.rows if one.rate.name == "doa"}
    assert BAD in named
    assert SLANDERED not in named


def test_nothing_is_ranked_by_its_raw_rate(made: tuple[str, pa.Table]) -> None:
    """The surest first: of those named the order is that of the probability."""
    told, _ = most_worse(lines(made[1]), {})
    for one in told:
        sure = [row.line.worse or 0 for row in one.rows]
        assert sure == sorted(sure, reverse=True)


def test_every_rate_stands_with_its_definition_on_each_sheet(made: tuple[str, pa.Table]) -> None:
    html, _ = made
    sheets = re.findall(r'(?s)<section class="sec pad long sheet-of".*?</section>', html)
    assert len(sheets) == 8
    for rate in RATES:
        assert (
            sum(rate.definition in sheet for sheet in sheets) >= 7
        )  # the small house may lack support calls


def test_a_sheet_shows_each_lines_numbers_as_the_scorecard_has_them(made: tuple[str, pa.Table]) -> None:
    html, scores = made
    sheet = next(sheet for sheet in re.findall(r'(?s)<section class="sec pad long sheet-of".*?</section>', html) if "Bad &amp; Daughters &lt;Ltd&gt;</h2>" in sheet)  # fmt: skip
    for line in lines(scores):
        if line.supplier == BAD and line.n:
            begins = f"<tr><th scope=row>{line.category}, new<td>{line.x:,} of {line.n:,}<td>{rate_text(line.raw)} %<td>{rate_text(line.mean)} %"
            row = next(row for row in re.findall(r"<tr>.*", sheet) if row.startswith(begins))
            assert f"<td>{rate_text(line.low)} to {rate_text(line.high)} %" in row
            assert row.endswith(
                f"<td>{line.waiting}<td>{words.day(line.alarm)[4:] if line.alarm else 'none'}"
            )


def test_the_alarms_stand_with_their_days_and_the_false_alarm_rate_in_words(
    made: tuple[str, pa.Table],
) -> None:
    html, scores = made
    told = text_of(html)
    alarms = [line for line in lines(scores) if line.alarm]
    assert alarms
    assert "raises a false alarm once in 1,000 items or more, on average" in told
    newest = max(line.alarm for line in alarms if line.alarm)
    assert words.day(newest)[4:] in told


def test_what_is_seen_and_what_is_expected_are_the_same_in_all(made: tuple[str, pa.Table]) -> None:
    sums = expected_bad(lines(made[1]))
    for rate in RATES:
        own = [found for (_, name), found in sums.items() if name == rate.name]
        assert sum(seen for seen, *_ in own) == pytest.approx(sum(expected for _, expected, _ in own))


def test_outside_a_funnel_is_only_who_is_a_surprise() -> None:
    told = [("Sixteen of four", "", 16, 4.0), ("None of one", "", 0, 1.0), ("As expected", "", 20, 20.0), ("None of thirty", "", 0, 30.0)]  # fmt: skip
    made = funnel(BY_NAME["doa"], told)
    assert made
    assert {one.supplier: one.outside for one in made.stood} == {"Sixteen of four": "above both limits", "None of one": "", "As expected": "", "None of thirty": "below both limits"}  # fmt: skip
    assert made.sentence == "Dead on arrival: above both limits Sixteen of four; 3 suppliers not above."
    assert funnel(BY_NAME["doa"], []) is None


def test_every_funnel_has_the_same_as_a_table(made: tuple[str, pa.Table]) -> None:
    for figure in re.findall(r'(?s)<figure class="chart funnel">.*?</figure>', made[0]):
        dots = len(re.findall(r"<circle ", figure))
        assert dots == len(re.findall(r'<tr><th scope="row"', figure)) > 0


def test_an_interval_stays_on_its_axis(made: tuple[str, pa.Table]) -> None:
    for rate in RATES:
        own = [line for line in lines(made[1]) if line.rate == rate.name and line.n]
        axis = axis_for(rate, own)
        for line in own:
            picture = interval(line, axis)
            assert picture
            assert 0 <= picture.start <= picture.mean <= picture.start + picture.width <= axis.width + 1


def test_quarters_add_up_to_the_scorecards_and_bad_items_to_the_counts() -> None:
    with engine(300, 1) as con:
        told = lines(scored(con))
        by_quarter = quarters(con)
        con.execute(f"SET VARIABLE reference_day = DATE '{AT}'")
        bad, every = bad_items(con)
        kinds = bad["kind"].to_pylist()
    for rate in RATES:
        own = [line for line in told if line.rate == rate.name]
        summed = list(by_quarter.counts[ALL, rate.name].values())
        assert (sum(n for n, _ in summed), sum(x for _, x in summed)) == (sum(line.n for line in own), sum(line.x for line in own))  # fmt: skip
    assert every == len(kinds)
    dead = sum(line.x for line in told if line.rate == "doa")
    late = sum(line.n - line.x for line in told if line.rate == "on_time")
    assert (kinds.count("Dead on arrival"), kinds.count("Late")) == (dead, late)
    assert kinds.count("Early failure") >= sum(line.x for line in told if line.rate == "early90")


def test_a_list_without_a_receipt_gives_a_page_that_says_so() -> None:
    with engine(300, 1) as con:
        receipts(con)
        con.sql("SELECT * FROM receipts LIMIT 0").create("nothing")
        con.unregister("receipts")
        con.execute("CREATE VIEW receipts AS FROM nothing")
        share(con, AT)
        from pilothouse.parts.engine import score

        html = report(con, score(con, AT), FACTS)
    assert "No receipt could be scored." in html


def test_forty_suppliers_in_twenty_five_categories_stay_under_two_megabytes() -> None:
    with engine(500, 1) as con:
        scores = scored(con, suppliers=40, categories=25, each=30)
        html = report(con, scores, FACTS)
    assert scores.num_rows == 40 * 25 * 6
    assert len(html.encode()) < 2_000_000
    assert html.count("<tr><th scope=row>") > 5_000
