"""Statements and badges as evidence: what they are taken for, and why the broken ones are refused."""

from __future__ import annotations

import json
import tarfile
import zlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pilothouse.competency.sources.documents import Meaning, Meanings, documents, is_document
from pilothouse.competency.sources.statements import Refused, statement

NONE = Meanings({}, {})


def said(**change: Any) -> dict[str, Any]:
    """A sound statement, changed."""
    whole: dict[str, Any] = {
        "id": "s1",
        "actor": {"account": {"homePage": "https://hr.example.org", "name": "Ana"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/passed"},
        "object": {"id": "https://lms.example.org/skills/pump", "definition": {"type": "http://adlnet.gov/expapi/activities/assessment", "extensions": {"https://lms.example.org/ext/level": 3}}},
        "context": {"instructor": {"mbox": "mailto:chief@example.org"}},
        "timestamp": "2026-01-02T10:00:00Z",
    }  # fmt: skip
    return {**whole, **change}


def badge_of(**change: Any) -> dict[str, Any]:
    """A sound badge, changed."""
    whole: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": "urn:uuid:1", "type": ["VerifiableCredential", "OpenBadgeCredential"], "issuer": {"id": "https://maker.example", "type": ["Profile"]},
        "validFrom": "2026-01-02T00:00:00Z", "validUntil": "2028-01-02T00:00:00Z",
        "credentialSubject": {"type": ["AchievementSubject"], "identifier": [{"type": "IdentityObject", "hashed": False, "identityHash": "ana@example.org"}], "achievement": {"id": "https://maker.example/badges/ventilator", "type": ["Achievement"], "name": "Ventilator", "criteria": {"narrative": "passed"}}},
        "proof": [{"type": "DataIntegrityProof", "verificationMethod": "did:key:z6Mk", "proofValue": "z1"}],
    }  # fmt: skip
    return {**whole, **change}


def read(tmp_path: Path, content: Any, meanings: Meanings = NONE, name: str = "documents.json") -> tuple[list[dict[str, Any]], list[str]]:  # fmt: skip
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    assert is_document(str(path))
    found = documents(str(path), meanings)
    return [row for file in found.files for row in file.table.to_pylist()], [one.problem for one in found.rejected]  # fmt: skip


def test_an_assessment_names_its_assessor_and_its_level(tmp_path: Path) -> None:
    rows, refused = read(tmp_path, said())
    assert refused == []
    assert rows == [{"row": 1, "line": 1, "person": "https://hr.example.org::Ana", "skill": "pump", "level": 3, "kind": "assessment", "got": date(2026, 1, 2), "expires": None, "assessor": "chief@example.org", "withdrawn": None}]  # fmt: skip


def test_names_are_brought_to_ours_by_meanings_and_by_who_is_known(tmp_path: Path) -> None:
    meanings = Meanings({"https://lms.example.org/skills/pump": Meaning("Infusion pump", 2)}, {"chief@example.org": Meaning("Chief")}, {"Ana"})  # fmt: skip
    (row,), _ = read(tmp_path, said(), meanings)
    assert (row["person"], row["assessor"], row["skill"], row["level"]) == (
        "Ana",
        "Chief",
        "Infusion pump",
        2,
    )


def test_without_a_level_it_is_the_lowest(tmp_path: Path) -> None:
    (row,), _ = read(tmp_path, said(object={"id": "https://lms.example.org/skills/pump"}))
    assert (row["level"], row["kind"]) == (1, "course")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"actor": {"name": "Ana"}}, "nothing says who this is"),
        ({"actor": {"mbox": "mailto:a@b", "openid": "https://x"}}, "mbox and openid at once"),
        ({"actor": {"mbox": "ana@example.org"}}, "this names nobody"),
        ({"actor": {"objectType": "Group", "mbox": "mailto:a@b"}}, "a group is no single person"),
        ({"actor": {"account": {"name": "Ana"}}}, "an account without a name or a home page"),
        ({"verb": {"display": {"en": "passed"}}}, "it is missing"),
        ({"verb": {"id": "http://adlnet.gov/expapi/verbs/passed", "display": "passed"}}, "this is no map of languages to texts"),
        ({"verb": {"id": "http://adlnet.gov/expapi/verbs/failed"}}, "'failed' does not say that anything can be done"),
        ({"object": {"objectType": "Agent", "mbox": "mailto:a@b"}}, "this is about no activity"),
        ({"object": {"id": "pump"}}, "this is no IRI"),
        ({"object": {"id": "https://x/pump", "definition": {"interactionType": "guess"}}}, "this is no type of interaction"),
        ({"object": {"id": "https://x/pump", "definition": {"extensions": {"https://x/level": "high"}}}}, "this is no level"),
        ({"result": {"success": False}}, "without success, or not completed"),
        ({"timestamp": None}, "no moment is given"),
        ({"timestamp": "yesterday"}, "'yesterday' is no date"),
        ({"context": {"contextActivities": {"parent": [{"name": "x"}]}}}, "it is missing"),
    ],
)  # fmt: skip
def test_a_broken_statement_is_refused_with_the_reason(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(Refused) as refused:
        statement(said(**change))
    assert problem in refused.value.problem


def test_a_voided_statement_is_no_evidence(tmp_path: Path) -> None:
    void = {"actor": {"mbox": "mailto:a@example.org"}, "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}, "object": {"objectType": "StatementRef", "id": "s1"}}  # fmt: skip
    rows, refused = read(tmp_path, {"statements": [said(), void, said(id="s2")]})
    assert [row["row"] for row in rows] == [3]
    assert refused == ["a later statement says that this one is void", "it only says that another statement is void"]  # fmt: skip


def test_json_lines_and_a_cut_off_file_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    rows, refused = read(tmp_path, "\n".join([json.dumps(said()), json.dumps(said(id="s2")), '{"actor": ']))
    assert [row["line"] for row in rows] == [1, 2]
    assert refused == ["this is no object"]
    rows, refused = read(tmp_path, json.dumps([said(), said(id="s2")])[:-40])
    assert len(rows) <= 1
    assert "cut off" in refused[-1]


def test_a_badge_is_a_certificate_that_ends_with_its_last_day(tmp_path: Path) -> None:
    (row,), refused = read(tmp_path, badge_of())
    assert refused == []
    assert (row["person"], row["skill"], row["level"], row["kind"], row["got"], row["expires"]) == ("ana@example.org", "ventilator", 1, "certificate", date(2026, 1, 2), date(2028, 1, 2))  # fmt: skip


def test_a_badge_in_a_picture_is_found(tmp_path: Path) -> None:
    text = json.dumps(badge_of()).encode()
    chunk = b"openbadgecredential\0\1\0\0\0" + zlib.compress(text)
    png = b"\x89PNG\r\n\x1a\n" + b"".join(len(body).to_bytes(4, "big") + kind + body + b"\0\0\0\0" for kind, body in ((b"IHDR", b"\0" * 13), (b"iTXt", chunk), (b"IEND", b"")))  # fmt: skip
    path = tmp_path / "badge.png"
    path.write_bytes(png)
    assert is_document(str(path))
    assert documents(str(path), NONE).files[0].table["skill"].to_pylist() == ["ventilator"]


def test_a_list_of_evidence_is_no_document(tmp_path: Path) -> None:
    for name, text in (
        ("e.csv", "person,skill\nAna,pump\n"),
        ("e.json", '[{"person": "Ana", "skill": "pump"}]'),
    ):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        assert not is_document(str(path))


def unpacked(archive: Path, folder: Path) -> Path:
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder


# What the file's own name says is broken, and whether a reader without the issuer's key can see it.
UNSEEN = {"simple-err-proof-method.json", "simple-err-proof-value.json"}


def test_the_published_broken_badges_are_refused_and_the_sound_ones_taken(public_data: Path, tmp_path: Path) -> None:  # fmt: skip
    folder = unpacked(public_data / "outside" / "ob30.tar.xz", tmp_path)
    found = documents(str(folder), NONE)
    refused = {Path(one.file).name: one.problem for one in found.rejected}
    taken = {Path(file.name).name for file in found.files if file.table.num_rows}
    broken = {path.name for path in folder.rglob("*-err-*")}
    assert broken - refused.keys() == UNSEEN
    assert {"simple.json", "simple_v1.json", "complete.json", "simple-json.svg", "simple-did-key-method.json"} <= taken  # fmt: skip
    assert refused["simple-err-type.json"] == "this is no Open Badge"
    assert refused["simple-err-issuer-type.json"] == "this is no Profile"
    assert refused["simple-err-expired.json"] == "it ends on or before the day it begins"


def test_the_published_statements_are_all_told_why_they_are_no_evidence(public_data: Path, tmp_path: Path) -> None:  # fmt: skip
    folder = unpacked(public_data / "training" / "xapi-lrs-conformance-templates.tar.xz", tmp_path)
    found = documents(str(folder), NONE)
    problems = {"/".join(Path(one.file).parts[-2:]): one.problem for one in found.rejected}
    assert not [
        file for file in found.files if file.table.num_rows
    ]  # none of them says that anything can be done
    assert problems["statements/no_actor.json"] == "there is no actor"
    assert problems["statements/no_verb.json"] == "there is no verb"
    assert problems["statements/no_object.json"] == "there is no object"
    assert problems["statements/default.json"] == "'attended' does not say that anything can be done"
    assert problems["statements/object_statementref.json"] == "this is about no activity"
    assert problems["agents/mbox.json"] == "neither a statement nor a badge"
