"""Both doors of the chain: what files answer, the tables answer too; what is exported is what was imported."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from pilothouse.core.keeping import broken_seals
from pilothouse.core.models import Person, Revision, Unit
from pilothouse.core.permissions import viewer_of
from pilothouse.governance import exporting, importing
from pilothouse.governance import models as m
from pilothouse.governance.asking import NoChain, ask, ask_many, ask_place
from pilothouse.governance.chain import Chain
from pilothouse.governance.check import errors
from pilothouse.governance.importing.files import packed
from pilothouse.governance.recorded import whole
from pilothouse.governance.rules import who
from pilothouse.governance.sources import load_chain
from pilothouse.governance.words import SYSTEM, BeforeTheFirstHelm, Place, Rows, UnknownPlace
from pilothouse.imports import runs
from pilothouse.kernel.errors import PilothouseError, UnreadableInput
from tests.conftest import NOW
from tests.governance.hospital import FILES, at, chain_of, with_changed, with_lines, with_more, write
from tests.governance.test_fast_and_slow import PLACES, TOPICS, amounts, chains, moments

pytestmark = pytest.mark.django_db


def bring(rows: Rows, when: datetime = NOW) -> importing.Outcome:
    return importing.apply(rows, by=None, at=when)


def as_read(rows: Rows) -> Rows:
    """The rows as readers of files have them: a fully equal repeated row is ignored."""

    def once(kind: str) -> tuple[Any, ...]:
        first: dict[Any, Any] = {}
        for row in getattr(rows, kind):
            first.setdefault(replace(row, row=0), row)
        return tuple(first.values())

    kinds = ("appointments", "mandates", "absences", "shifts", "delegations")
    kept: dict[str, Any] = {kind: once(kind) for kind in kinds}  # Any: rows of each kind
    return replace(rows, **kept)


read_chains = chains().map(as_read)


def outcome(ask_it: Any, *question: Any) -> Any:
    try:
        return ask_it(*question)
    except (BeforeTheFirstHelm, UnknownPlace) as error:
        return type(error), str(error)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(read_chains, moments, amounts)
def test_tables_answer_as_files_do(rows: Rows, when: datetime, amount: Decimal | None) -> None:
    chain = Chain(rows)
    with transaction.atomic():
        bring(rows)
        assert errors(whole().rows) == []
        for topic, place in product([*TOPICS, "access"], [*PLACES, Place("unit", "U9")]):
            files = outcome(who, chain, topic, place, when, amount)
            tables = outcome(lambda *q: ask_place(*q).answer, topic, place, when, amount)
            assert tables == files
        ids = dict(_ids())
        asked = [(topic, *ids[place]) for topic, place in product(TOPICS, PLACES)]
        many = ask_many(asked, when)
        for (topic, place), answer in zip(product(TOPICS, PLACES), many, strict=True):
            one = outcome(who, chain, topic, place, when)
            assert answer == (None if isinstance(one, tuple) else one)
        transaction.set_rollback(True)


def _ids() -> Any:
    from pilothouse.core.models import Facility

    yield SYSTEM, (None, None)
    for facility in Facility.objects.all():
        yield Place("facility", facility.key), (facility.pk, None)
    for unit in Unit.objects.all():
        yield Place("unit", unit.key), (None, unit.pk)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(read_chains, read_chains)
def test_a_second_import_makes_the_chain_what_its_files_say(first: Rows, second: Rows) -> None:
    with transaction.atomic():
        bring(first)
        later = NOW + timedelta(hours=1)
        bring(second, later)
        assert errors(whole().rows) == []
        chain = Chain(second)
        for topic, place in product(TOPICS, PLACES):
            files = outcome(who, chain, topic, place, later)
            assert outcome(lambda *q: ask_place(*q).answer, topic, place, later) == files
        revisions = Revision.objects.count()
        assert bring(second, later + timedelta(hours=1)).moves == 0
        assert Revision.objects.count() == revisions
        assert list(broken_seals()) == []
        transaction.set_rollback(True)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=read_chains)
def test_what_is_exported_is_read_back_the_same(tmp_path_factory: Any, rows: Rows) -> None:
    with transaction.atomic():
        bring(rows)
        folder = tmp_path_factory.mktemp("out")
        exporting.write_files(whole().rows, folder)
        loaded = load_chain(folder)
        assert loaded.errors == ()
        assert importing.preview(loaded.valid().rows, NOW).moves == 0
        transaction.set_rollback(True)


def test_the_export_of_a_past_day_is_the_chain_of_that_day(tmp_path: Path) -> None:
    bring(chain_of(tmp_path, FILES).rows)
    before = whole().rows
    bring(
        chain_of(tmp_path, with_changed("appointments", 1, "dee,COO,holder,,,")).rows, NOW + timedelta(days=1)
    )
    assert whole().rows != before
    assert whole(1).rows == before


def test_without_a_chain_the_question_says_so() -> None:
    with pytest.raises(NoChain):
        ask("recall", at=NOW)


def test_people_missing_from_the_file_are_marked_and_back_when_named(tmp_path: Path) -> None:
    bring(chain_of(tmp_path, with_more(people=["gus,Gus Gray,,"])).rows)
    bring(chain_of(tmp_path, FILES).rows)
    assert list(Person.objects.filter(left=True).values_list("key", flat=True)) == ["gus"]
    assert bring(chain_of(tmp_path, FILES).rows).moves == 0
    bring(chain_of(tmp_path, with_more(people=["gus,Gus Gray,,"])).rows)
    assert not Person.objects.filter(left=True).exists()


def test_people_who_came_otherwise_are_left_alone(tmp_path: Path, ana: Any) -> None:
    bring(chain_of(tmp_path, with_lines()).rows)
    person = Person.objects.get(key="ana")
    assert person.pk == ana.pk
    assert (person.name, person.left) == ("Ana Alvarez", False)


def test_a_unit_that_is_gone_ends_and_its_questions_go_to_the_facility(tmp_path: Path) -> None:
    bring(chain_of(tmp_path, FILES).rows)
    icu = Unit.objects.get(key="ICU").pk
    slim = with_lines(
        units=[FILES["units"][0], *FILES["units"][2:]],
        positions=FILES["positions"][:-1],
        appointments=FILES["appointments"][:-2],
        mandates=[line for line in FILES["mandates"] if "ICU" not in line],
    )
    bring(chain_of(tmp_path, slim).rows)
    assert ask_many([("repair", None, icu)], at())[0].position == "BIOMED"  # type: ignore[union-attr]
    with pytest.raises(UnknownPlace, match="ended"):
        ask("repair", unit=icu, at=at())


def test_the_number_of_queries_does_not_depend_on_the_chain(
    tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    bring(chain_of(tmp_path, FILES).rows)
    icu = Unit.objects.get(key="ICU")
    with django_assert_max_num_queries(7):
        ask("repair", unit=icu.pk, at=at(), amount=Decimal(5000))
    with django_assert_max_num_queries(8):
        ask_many([(topic, None, icu.pk) for topic in ("repair", "recall")] * 100, at())


def test_the_database_refuses_a_second_helm(tmp_path: Path) -> None:
    from django.db import IntegrityError

    from pilothouse.core.keeping import writing

    bring(chain_of(tmp_path, FILES).rows)
    with pytest.raises(IntegrityError), writing(by=None, at=NOW, verb="cheat") as w:
        w.save(m.Position(key="X", helm=True))


def test_moved_rows_that_tie_keep_the_order_of_the_file(tmp_path: Path) -> None:
    roster = ["position,person,from,to", "HTM,ana,2026-11-02,2026-11-03", "HTM,ben,2026-11-02,2026-11-03"]
    bring(chain_of(tmp_path, with_lines(roster=roster)).rows)
    assert ask("maintenance", at=at()).person == "ben"
    turned = [roster[0], *reversed(roster[1:])]
    assert bring(chain_of(tmp_path, with_lines(roster=turned)).rows).counts()["changed"] == 2
    assert ask("maintenance", at=at()).person == "ana"


@pytest.fixture
def boss(person_with: Any) -> Any:
    """Who may import, and stands in no file."""
    return person_with("Boss", "helm")


def test_a_chain_comes_in_through_the_door_of_imports_and_goes_again(tmp_path: Path, boss: Any) -> None:
    folder = write(tmp_path / "chain", FILES)
    by = viewer_of(boss, NOW)
    source = runs.make_source(key="hr", by=by, at=NOW, takes="chain")
    run = runs.begin(source, packed(folder), "chain", by=by, at=NOW)
    assert runs.preview(run, by=by).counts["new"] == 28
    assert not m.Position.objects.exists()
    runs.apply(run, by=by, at=NOW)
    assert ask("repair", at=at()).position == "HTM"
    again = runs.begin(source, packed(folder), "chain", by=by, at=NOW)
    assert runs.apply(again, by=by, at=NOW).counts["unchanged"] == 28
    outlook = runs.preview_undo(run, by=by)
    assert outlook.counts == {"restored": 4, "removed": 19, "left": 9, "kept": 0}
    runs.undo(run, by=by, at=NOW)
    assert not m.Position.objects.exists()
    assert list(broken_seals()) == []


def test_an_invalid_chain_is_refused_with_file_and_row_and_nothing_comes_in(
    tmp_path: Path, boss: Any
) -> None:
    folder = write(tmp_path / "chain", with_more(appointments=["ana,HTM,holder,,,"]))
    by = viewer_of(boss, NOW)
    run = runs.begin(
        runs.make_source(key="hr", by=by, at=NOW, takes="chain"), packed(folder), "chain", by=by, at=NOW
    )
    outlook = runs.preview(run, by=by)
    assert [(one.file, one.row) for one in outlook.rejected] == [("appointments.csv", 10)]
    with pytest.raises(UnreadableInput, match=r"appointments\.csv, row 10: HTM has two holders"):
        runs.apply(run, by=by, at=NOW)
    assert not m.Position.objects.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"\x00\xff" * 50, b"a,b\n1,2\n"])
def test_whatever_arrives_as_a_chain_is_refused_in_words(tmp_path: Path, boss: Any, content: bytes) -> None:
    by = viewer_of(boss, NOW)
    source = runs.make_source(key="hr", by=by, at=NOW, takes="chain")
    run = runs.begin(source, BytesIO(content), "chain", by=by, at=NOW)
    with pytest.raises(PilothouseError):
        runs.apply(run, by=by, at=NOW)


def test_people_come_in_alone(tmp_path: Path, boss: Any) -> None:
    by = viewer_of(boss, NOW)
    source = runs.make_source(key="staff", by=by, at=NOW, takes="people")
    text = "\n".join(FILES["people"]).encode()
    runs.apply(runs.begin(source, BytesIO(text), "people.csv", by=by, at=NOW), by=by, at=NOW)
    assert Person.objects.get(key="dee").email == "dee@mercy.example"
    shorter = runs.begin(
        source, BytesIO(b"person,name,email,phone\ndee,Dee Diaz,,\n"), "people.csv", by=by, at=NOW
    )
    assert runs.apply(shorter, by=by, at=NOW).counts["vanished"] == 5
    assert not Person.objects.get(pk=boss.pk).left
