"""Times as people write them, and the instants they mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.kernel.times import (
    OPEN,
    NotATime,
    Span,
    TimeReader,
    UnknownZone,
    as_datetime,
    as_instant,
    from_wall_clock,
    is_bare_day,
    join,
    read_time,
    zone,
)

BERLIN = "Europe/Berlin"


def told(text: str, tz: str = "UTC") -> str:
    return as_datetime(read_time(text, zone(tz)), zone(tz)).isoformat()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-02", "2026-11-02T00:00:00+01:00"),
        ("2026-11-02 07:30", "2026-11-02T07:30:00+01:00"),
        ("2026-11-02T07:30", "2026-11-02T07:30:00+01:00"),
        ("2026-11-02T07:30:15", "2026-11-02T07:30:15+01:00"),
        ("2026-07-02T07:30", "2026-07-02T07:30:00+02:00"),
        ("2026-11-02T07:30Z", "2026-11-02T08:30:00+01:00"),
        ("2026-11-02 07:30:00+00:00", "2026-11-02T08:30:00+01:00"),
        ("2026-11-02T07:30-05:30", "2026-11-02T14:00:00+01:00"),
        ("2026-11-02T07:30+0100", "2026-11-02T07:30:00+01:00"),
        ("2026-11-02T07:30+01", "2026-11-02T07:30:00+01:00"),
        ("2026-11-02T07:30:15.250Z", "2026-11-02T08:30:15.250000+01:00"),
        ("2024-02-29", "2024-02-29T00:00:00+01:00"),
    ],
)
def test_each_form_means_its_instant(text: str, meant: str) -> None:
    assert told(text, BERLIN) == meant


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-13-01", "2026-02-29", "02.11.2026", "11/02/2026", "20261102", "2026-11-2", "2026-W45-1",
     "2026-11-02T", "2026-11-02T7:30", "2026-11-02T24:00", "2026-11-02T07:60", "2026-11-02T07:30:60",
     "2026-11-02T07", "2026-11-02t07:30", "2026-11-02T07:30z", "2026-11-02  07:30", "2026-11-02T07:30+24:00",
     "2026-11-02T07:30+01:60", "2026-11-02T07:30 CET", "2026-11-02Z", "٢٠٢٦-11-02", "46328", "2026-11-02\n"],
)  # fmt: skip
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(NotATime):
        read_time(text, zone("UTC"))


@pytest.mark.parametrize(
    ("text", "tz", "meant"),
    [
        ("2026-03-29T02:30", BERLIN, "2026-03-29T03:00:00+02:00"),
        ("2026-03-29T02:00", BERLIN, "2026-03-29T03:00:00+02:00"),
        ("2026-03-29T01:59:59", BERLIN, "2026-03-29T01:59:59+01:00"),
        ("2026-03-29T03:00", BERLIN, "2026-03-29T03:00:00+02:00"),
        ("2026-10-25T02:30", BERLIN, "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:30+01:00", BERLIN, "2026-10-25T02:30:00+01:00"),
        ("2020-03-08 02:30", "America/Chicago", "2020-03-08T03:00:00-05:00"),
        ("2021-10-03 02:15", "Australia/Lord_Howe", "2021-10-03T02:30:00+11:00"),
        ("2011-12-30", "Pacific/Apia", "2011-12-31T00:00:00+14:00"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T01:00:00-02:00"),
    ],
)
def test_a_skipped_wall_clock_is_the_first_instant_after_and_a_doubled_one_the_first(
    text: str, tz: str, meant: str
) -> None:
    assert told(text, tz) == meant


@given(
    st.sampled_from(
        [
            (BERLIN, datetime(2026, 3, 29, 1)),
            (BERLIN, datetime(2026, 10, 25, 1)),
            ("Australia/Lord_Howe", datetime(2021, 4, 4, 1)),
            ("Australia/Lord_Howe", datetime(2021, 10, 3, 1)),
            ("Africa/Casablanca", datetime(2026, 2, 15, 1)),
            ("America/St_Johns", datetime(2006, 4, 2, 0)),
        ]
    ),
    st.integers(-60, 240),
)
def test_a_wall_clock_means_the_first_minute_that_shows_it_or_else_the_first_that_shows_more(
    change: tuple[str, datetime], minutes: int
) -> None:
    there = zone(change[0])
    wall = change[1] + timedelta(minutes=minutes)
    start = wall.replace(tzinfo=UTC) - timedelta(hours=16)
    walk = [(start + timedelta(minutes=m)).astimezone(there) for m in range(32 * 60)]
    shows = [moment for moment in walk if moment.replace(tzinfo=None, fold=0) == wall]
    later = [moment for moment in walk if moment.replace(tzinfo=None, fold=0) > wall]
    assert as_datetime(from_wall_clock(wall, there), there) == (shows or later)[0]


def test_published_hand_offs_over_daylight_saving_changes_are_met(public_data: Path) -> None:
    cases = json.loads((public_data / "outside/goalert-dst/rotation_dst_cases.json").read_text())["cases"]
    seen = 0
    for case in cases:
        there = zone(case["tz"])
        clock = case["rotation_start_local"][11:]
        if case["type"] not in {"daily", "weekly", "monthly"}:
            continue
        for hand_off in case["handoffs"]:
            instant = as_instant(datetime.fromisoformat(hand_off))
            day = as_datetime(instant, there).date()
            assert read_time(f"{day}T{clock}", there) == instant
            seen += 1
    assert seen >= 36


def test_for_ever_in_new_york_is_a_time_although_utc_has_no_such_year() -> None:
    new_york = zone("America/New_York")
    instant = read_time("9999-12-31 23:59:59", new_york)
    assert instant < OPEN
    assert as_datetime(instant, new_york).isoformat() == "9999-12-31T23:59:59-05:00"
    assert told("0001-01-01", "Asia/Tokyo").startswith("0001-01-01T00:00:00+09")


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_an_instant_and_its_datetime_are_the_same_moment(moment: datetime) -> None:
    assert as_datetime(as_instant(moment), zone("America/Chicago")) == moment


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        as_instant(datetime(2026, 11, 2))


@given(
    st.sampled_from([BERLIN, "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"]),
    st.lists(
        st.builds(
            lambda day, hour, minute, rest: f"{day}T{hour:02}:{minute:02}{rest}",
            st.sampled_from(
                ["2026-03-29", "2026-10-25", "2021-04-04", "2021-10-03", "2006-04-02", "2011-12-30"]
            ),
            st.integers(0, 4),
            st.sampled_from([0, 1, 29, 30, 59]),
            st.sampled_from(["", ":00", ":59", ":59.5", "Z", "+01:00"]),
        ),
        max_size=12,
    ),
)
def test_the_reader_that_remembers_hours_reads_what_read_time_reads(tz: str, texts: list[str]) -> None:
    reader = TimeReader(zone(tz))
    for text in [*texts, *texts]:
        assert reader.read(text) == read_time(text, zone(tz))


def test_the_reader_refuses_what_is_no_time_though_it_knows_the_hour() -> None:
    reader = TimeReader(zone("UTC"))
    reader.read("2026-11-02T07:30")
    for text in ("2026-11-02T07:60", "2026-11-02T07", "2026-11-02T07:3", "2026-11-02T07:30 "):
        with pytest.raises(NotATime):
            reader.read(text)


def test_a_bare_day_is_told_from_a_time() -> None:
    assert is_bare_day("2026-11-02")
    assert not is_bare_day("2026-11-02T00:00")


@pytest.mark.parametrize(
    "name", ["localtime", "posixrules", "../etc/passwd", "/etc/localtime", "", "Mars/Base", "CEST"]
)
def test_only_names_of_the_iana_list_are_zones(name: str) -> None:
    with pytest.raises(UnknownZone):
        zone(name)


def test_a_mistyped_zone_is_answered_with_near_names() -> None:
    with pytest.raises(UnknownZone, match="Europe/Berlin"):
        zone("europe/berln")


spans = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda pair: Span(*pair)), max_size=8)


@given(spans)
def test_joined_spans_hold_the_same_instants_and_neither_overlap_nor_touch(given_spans: list[Span]) -> None:
    joined = join(given_spans)

    def held(among: list[Span]) -> set[int]:
        return {at for span in among for at in range(span.start, span.end)}

    assert held(joined) == held(given_spans)
    assert all(one.end < following.start for one, following in pairwise(joined))
