"""Files at a subject: what is taken, who may, how they are given out, what is left of a removed one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pilothouse.core import attachments, checking, ports
from pilothouse.core.models import Attachment, Revision
from pilothouse.core.permissions import Viewer

pytestmark = pytest.mark.django_db
Client = Any
PDF = b"%PDF-1.7 something"


class Things:
    """Subject 1 is seen and changed by all, 2 is seen, 3 is hidden."""

    kind = "thing"

    def may_see(self, viewer: Viewer, number: int) -> bool:
        return number in (1, 2)

    def may_change(self, viewer: Viewer, number: int) -> bool:
        return number == 1

    def titles(self, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
        return {number: (f"Thing {number}", "") for number in numbers}


@pytest.fixture(autouse=True)
def _things(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(ports, "subjects", [Things()])
    settings.MEDIA_ROOT = tmp_path


def sent(client: Client, name: str = "Manual.PDF", content: bytes = PDF, subject: str = "thing:1") -> Any:
    file = SimpleUploadedFile("x", content)
    file._name = name  # as a client that does not clean names sends it
    return client.post("/files/", {"subject": subject, "next": "/people/", "file": file})


def test_a_file_is_kept_by_its_hash_and_given_out_as_a_download_only(
    ana: Any, tmp_path: Path, client_of: Callable[[Any], Client]
) -> None:
    client = client_of(ana)
    assert sent(client)["Location"] == "/people/"
    one = Attachment.objects.get()
    assert one.path == f"attachments/{one.sha256[:2]}/{one.sha256}"
    assert (tmp_path / one.path).read_bytes() == PDF
    told = client.get(f"/files/{one.pk}/")
    assert b"".join(told.streaming_content) == PDF
    assert told["Content-Disposition"] == 'attachment; filename="Manual.pdf"'
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Content-Type"] == "application/octet-stream"
    assert "sandbox" in told["Content-Security-Policy"]
    assert Revision.objects.latest("id").subject == "thing:1"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("page.html", b"<script>", "is not taken"),
        ("run.exe", b"MZ", "is not taken"),
        ("noending", PDF, "is not taken"),
        ("picture.png", PDF, "not what its name says"),
        ("text.txt", b"a\x00b", "no text"),
        ("empty.pdf", b"", "empty"),
    ],
)
def test_what_is_not_taken_is_told_and_leaves_nothing(
    ana: Any, tmp_path: Path, name: str, content: bytes, says: str, client_of: Callable[[Any], Client]
) -> None:
    told = sent(client_of(ana), name, content)
    assert told.status_code == 422
    assert says in told.content.decode()
    assert not Attachment.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_that_is_too_large_leaves_nothing(
    ana: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client_of: Callable[[Any], Client]
) -> None:
    monkeypatch.setattr(attachments, "LARGEST", 10)
    assert "larger than" in sent(client_of(ana)).content.decode()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["../../etc/passwd.txt", "..\\..\\boot.txt", "x" * 400 + ".txt"])
def test_a_name_leads_nowhere(ana: Any, name: str, client_of: Callable[[Any], Client]) -> None:
    client = client_of(ana)
    sent(client, name, b"words")
    one = Attachment.objects.get()
    assert "/" not in one.name
    assert "\n" not in one.name
    assert len(one.name) <= 255
    assert client.get(f"/files/{one.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("subject", "status"), [("thing:2", 403), ("thing:3", 404), ("other:1", 404), ("thing:x", 404), ("", 404)]
)
def test_a_subject_that_one_may_not_change_takes_nothing(
    ana: Any, subject: str, status: int, client_of: Callable[[Any], Client]
) -> None:
    assert sent(client_of(ana), subject=subject).status_code == status
    assert not Attachment.objects.exists()


def test_a_file_of_a_hidden_subject_is_not_found(ana: Any, client_of: Callable[[Any], Client]) -> None:
    client = client_of(ana)
    sent(client)
    Attachment.objects.update(subject="thing:3")
    number = Attachment.objects.get().pk
    assert client.get(f"/files/{number}/").status_code == 404
    assert client.post(f"/files/{number}/remove/").status_code == 404


def test_a_removed_file_leaves_its_record_and_bytes_that_another_shares(
    ana: Any, tmp_path: Path, client_of: Callable[[Any], Client]
) -> None:
    client = client_of(ana)
    sent(client)
    sent(client, "again.pdf")
    first, second = Attachment.objects.order_by("id")
    client.post(f"/files/{first.pk}/remove/")
    assert client.get(f"/files/{first.pk}/").status_code == 404
    assert client.get(f"/files/{second.pk}/").status_code == 200
    client.post(f"/files/{second.pk}/remove/")
    assert not (tmp_path / second.path).exists()
    assert Attachment.objects.filter(removed_at=None).count() == 0
    assert Attachment.objects.count() == 2
    assert Revision.objects.filter(verb="remove_file").count() == 2


def test_the_check_finds_a_file_that_was_changed(
    ana: Any, tmp_path: Path, client_of: Callable[[Any], Client]
) -> None:
    sent(client_of(ana))
    one = Attachment.objects.get()
    assert list(checking._files()) == []
    (tmp_path / one.path).write_bytes(b"other")
    assert "is not what was stored" in next(iter(checking._files()))
