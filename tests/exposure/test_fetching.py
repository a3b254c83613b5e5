"""Downloads against a real server that fails, stalls, breaks off and changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pilothouse.exposure.sources.fetching import FeedError, Fetcher, Validators
from pilothouse.exposure.sources.listings import read_listing
from tests.exposure.peer import Peer, serving

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as one:
        one.files["/a.json"] = CONTENT
        yield one


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def fetcher(waits: list[float]) -> Fetcher:
    return Fetcher(timeout_s=0.5, sleep=waits.append)


def test_a_file_is_brought_whole_and_asked_for_by_its_tag(peer: Peer, fetcher: Fetcher, tmp_path: Path) -> None:  # fmt: skip
    first = fetcher.fetch(f"{peer.url}/a.json", tmp_path / "a.json")
    assert first.changed
    assert (tmp_path / "a.json").read_bytes() == CONTENT
    again = fetcher.fetch(f"{peer.url}/a.json", tmp_path / "a.json", first.validators)
    assert not again.changed
    assert again.validators == first.validators
    peer.files["/a.json"] = b"other"
    assert fetcher.fetch(f"{peer.url}/a.json", tmp_path / "a.json", first.validators).changed
    assert (tmp_path / "a.json").read_bytes() == b"other"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json"]


def test_a_tag_is_not_told_when_the_file_is_gone(peer: Peer, fetcher: Fetcher, tmp_path: Path) -> None:
    known = Validators(peer.etag("/a.json"))
    assert fetcher.fetch(f"{peer.url}/a.json", tmp_path / "a.json", known).changed


@pytest.mark.parametrize("trouble", ["break", "stall"])
def test_what_broke_off_is_resumed_where_it_stopped(peer: Peer, fetcher: Fetcher, tmp_path: Path, trouble: str) -> None:  # fmt: skip
    peer.trouble["/a.json"] = [trouble, trouble]
    fetcher.fetch(f"{peer.url}/a.json", tmp_path / "a.json")
    assert (tmp_path / "a.json").read_bytes() == CONTENT
    ranges = [headers.get("Range") for _, headers in peer.asked]
    assert ranges == [None, f"bytes={len(CONTENT) // 2}-", f"bytes={len(CONTENT) * 3 // 4}-"]


def test_what_changed_meanwhile_is_not_mixed(peer: Peer, fetcher: Fetcher, tmp_path: Path) -> None:
    peer.trouble["/a.json"] = ["break"] * 5
    with pytest.raises(FeedError, match="tried 5 times"):
        fetcher.fetch(f"{peer.url}/a.json", tmp_path / "a.json")
    assert not (tmp_path / "a.json").exists()
    peer.files["/a.json"] = b"new" * 100
    fetcher.fetch(f"{peer.url}/a.json", tmp_path / "a.json")
    assert (tmp_path / "a.json").read_bytes() == b"new" * 100


def test_a_failing_server_is_asked_again_later_and_longer(peer: Peer, fetcher: Fetcher, waits: list[float], tmp_path: Path) -> None:  # fmt: skip
    peer.trouble["/a.json"] = ["500", "503", "429", "416"]
    assert fetcher.fetch(f"{peer.url}/a.json", tmp_path / "a.json").changed
    assert waits == [1.0, 2.0, 7.0, 8.0]


@pytest.mark.parametrize(("status", "said"), [("404", "answers 404"), ("403", "answers 403")])
def test_a_refusal_is_told_at_once(peer: Peer, fetcher: Fetcher, tmp_path: Path, status: str, said: str) -> None:  # fmt: skip
    peer.trouble["/a.json"] = [status]
    with pytest.raises(FeedError, match=said):
        fetcher.fetch(f"{peer.url}/a.json", tmp_path / "a.json")
    assert len(peer.asked) == 1


@pytest.mark.parametrize("trouble", ["", "endless"])
def test_an_answer_without_end_is_cut(peer: Peer, tmp_path: Path, trouble: str) -> None:
    peer.trouble["/a.json"] = [trouble]
    (tmp_path / "a.json").write_bytes(b"before")
    with pytest.raises(FeedError, match="more than 5,000 bytes"):
        Fetcher(most_bytes=5_000).fetch(f"{peer.url}/a.json", tmp_path / "a.json")
    assert (tmp_path / "a.json").read_bytes() == b"before"
    assert not list(tmp_path.glob("*.part*"))


@pytest.mark.parametrize("url", ["http://example.org/a.json", "file:///etc/passwd", "ftp://127.0.0.1/a"])
def test_only_https_is_asked(fetcher: Fetcher, tmp_path: Path, url: str) -> None:
    with pytest.raises(FeedError, match="only https"):
        fetcher.fetch(url, tmp_path / "a")


def test_a_redirect_does_not_lead_out_of_https(peer: Peer, fetcher: Fetcher, tmp_path: Path) -> None:
    peer.trouble["/a.json"] = ["to http://example.org/a.json"]
    with pytest.raises(FeedError, match="only https"):
        fetcher.fetch(f"{peer.url}/a.json", tmp_path / "a.json")


def test_the_proxy_of_the_environment_is_used(peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("http_proxy", peer.url)
    monkeypatch.setenv("no_proxy", "")
    peer.files["http://localhost:9/b.json"] = b"by proxy"
    Fetcher().fetch("http://localhost:9/b.json", tmp_path / "b.json")
    assert (tmp_path / "b.json").read_bytes() == b"by proxy"


def test_a_job_can_be_stopped_while_it_waits(peer: Peer, tmp_path: Path) -> None:
    class Stop(BaseException):
        pass

    def stop() -> None:
        raise Stop

    with pytest.raises(Stop):
        Fetcher(alive=stop).fetch(f"{peer.url}/a.json", tmp_path / "a.json")


LISTING = "https://example.org/csaf_files/OT/white/changes.csv"


def test_paths_are_told_from_the_listing_or_from_the_root() -> None:
    text = b'"2023/a-1.json","2023-11-28T07:00:00.000000Z"\ncsaf_files/OT/white/2024/b-2.json,2024-01-02T00:00:00Z\n'
    told = {one.name: one.url for one in read_listing(text, LISTING)}
    assert told == {
        "2023/a-1.json": "https://example.org/csaf_files/OT/white/2023/a-1.json",
        "2024/b-2.json": "https://example.org/csaf_files/OT/white/2024/b-2.json",
    }


def test_a_rolie_feed_is_a_listing() -> None:
    feed = b'{"feed": {"entry": [{"id": "A", "updated": "2024-01-02T00:00:00Z", "content": {"src": "https://example.org/csaf_files/OT/white/2024/a.json", "type": "application/json"}}]}}'
    assert [one.name for one in read_listing(feed, LISTING)] == ["2024/a.json"]


@pytest.mark.parametrize(
    "line",
    [
        "https://elsewhere.org/2023/a.json,2023-11-28T07:00:00Z",
        "http://example.org/csaf_files/OT/white/2023/a.json,2023-11-28T07:00:00Z",
        "../../../etc/passwd,2023-11-28T07:00:00Z",
        "2023/%2e%2e.json,2023-11-28T07:00:00Z",
        "2023/a.txt,2023-11-28T07:00:00Z",
        "2023/a.json,yesterday",
        "nothing",
        "",
    ],
)
def test_a_listing_that_leads_elsewhere_is_refused(line: str) -> None:
    with pytest.raises(FeedError):
        read_listing(line.encode(), LISTING)
