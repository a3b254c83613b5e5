"""Pages of the server in a real browser: what every page must hold, and pictures to look at.

`look_at(live_server, ana, "/advisories/")` opens the page in both themes on a screen and a phone and fails on whatever a
page may not do. Mark the test `pytest.mark.django_db(transaction=True)` and `pytest.mark.browser`. Pictures are written
when the environment names a folder: PILOTHOUSE_SHOTS.
"""

from __future__ import annotations

import functools
import gzip
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from tests.home.browser import chromium

SCREEN, PHONE = (1440, 900), (360, 740)
SIZES = (SCREEN, PHONE)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
MOST_BYTES = 250_000
_SHIFTS = """() => new Promise((done) => { let sum = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 60); })"""


@dataclass
class Seen:
    """What a page did while it was looked at. bytes: all that was transferred, cold."""

    bytes: int = 0
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@contextmanager
def _database_in_the_browsers_loop() -> Iterator[None]:
    """Playwright runs an event loop in this thread, and Django would refuse every query of the test."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        yield
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


def cookie_of(person: Any, url: str) -> dict[str, str]:
    """A session of a person, as a browser takes it. `Any`: a model's row."""
    client = Client()
    client.force_login(person.account, backend="django.contrib.auth.backends.ModelBackend")
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }


@contextmanager
def browsing(live_server: Any, person: Any = None) -> Iterator[Callable[..., tuple[Page, Seen]]]:
    """`with browsing(live_server, ana) as opened: page, seen = opened("/account/", size=PHONE)`. `Any`: fixtures."""
    cookies = [cookie_of(person, live_server.url)] if person is not None else []
    contexts: list[BrowserContext] = []
    with _database_in_the_browsers_loop(), chromium() as browser:

        def opened(
            path: str,
            size: tuple[int, int] = SCREEN,
            theme: Literal["light", "dark"] = "light",
            script: bool = True,
        ) -> tuple[Page, Seen]:
            context = browser.new_context(
                viewport={"width": size[0], "height": size[1]}, color_scheme=theme, java_script_enabled=script
            )
            contexts.append(context)
            context.add_cookies(cookies)  # type: ignore[arg-type]  # a plain dictionary of texts
            page, seen = context.new_page(), Seen()
            _watch(page, seen, live_server.url)
            page.goto(f"{live_server.url}{path}", wait_until="networkidle")
            if script and page.locator("script[src*='pilothouse/frame']").count():
                page.wait_for_selector("html.has-script", state="attached")
            return page, seen

        try:
            yield opened
        finally:
            for context in contexts:
                context.close()


def _watch(page: Page, seen: Seen, home: str) -> None:
    host = urlsplit(home).netloc
    page.on("console", lambda message: seen.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", lambda request: _note_outside(request.url, host, seen))
    page.on("response", lambda answer: seen.missing.append(answer.url) if answer.status >= 400 else None)
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    paths: dict[str, str] = {}

    def note(event: dict[str, Any]) -> None:
        paths[event["requestId"]] = urlsplit(event["response"]["url"]).path

    def count(event: dict[str, Any]) -> None:
        path = paths.get(event["requestId"], "")
        sent = int(event["encodedDataLength"])
        seen.bytes += min(sent, packed(path)) if path.startswith(settings.STATIC_URL) else sent

    wire.on("Network.responseReceived", note)
    wire.on("Network.loadingFinished", count)


@functools.cache
def packed(path: str) -> int:
    """How large a static file is when it is sent compressed, as `serve` does; the server of the tests does not."""
    file = finders.find(path.removeprefix(settings.STATIC_URL))
    return len(gzip.compress(Path(str(file)).read_bytes())) + 300 if file else MOST_BYTES


def _note_outside(url: str, host: str, seen: Seen) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("data", "blob") and parts.netloc != host:
        seen.outside.append(url)


def faults(page: Page, seen: Seen, *, status: int = 200) -> list[str]:
    """Everything a page may not do, in words; empty when it is well. status: which answer is expected of the page itself."""
    found = [f"console: {text}" for text in seen.errors if status == 200]
    found += [f"asked outside: {url}" for url in seen.outside]
    found += [f"missing: {url}" for url in seen.missing if status == 200]
    if seen.bytes > MOST_BYTES:
        found.append(f"{seen.bytes:,} bytes were transferred, at most {MOST_BYTES:,} may be")
    if (shift := page.evaluate(_SHIFTS)) > 0.01:
        found.append(f"the layout shifted by {shift:.3f}")
    over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over > 0:
        found.append(f"scrolls sideways by {over} px")
    return found + axe(page)


def axe(page: Page) -> list[str]:
    """What axe finds: WCAG 2.2 AA with best practice, one line a rule with its first elements."""
    answer = Axe().run(page, options={"resultTypes": ["violations"]}).response
    return [
        f"axe {one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in answer["violations"]
    ]


def look_at(
    live_server: Any,
    person: Any,
    *paths: str,
    sizes: Sequence[tuple[int, int]] = SIZES,
    themes: Sequence[Literal["light", "dark"]] = THEMES,
    status: int = 200,
) -> None:
    """Open the pages as a person (None: nobody is signed in) in every size, and look at them in every theme, which the system
    changes under them; fail with all that is wrong."""
    wrong: list[str] = []
    shots = os.environ.get("PILOTHOUSE_SHOTS")
    with browsing(live_server, person) as opened:
        for path in paths:
            for size in sizes:
                page, seen = opened(path, size, themes[0])
                for theme in themes:
                    page.emulate_media(color_scheme=theme)
                    wrong += [
                        f"{path} {size[0]} px {theme}: {fault}" for fault in faults(page, seen, status=status)
                    ]
                    if shots:
                        _take(
                            page,
                            Path(shots),
                            f"{path.strip('/').replace('/', '-') or 'home'}-{size[0]}-{theme}.png",
                        )
    assert not wrong, "\n".join(wrong)


def _take(page: Page, folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / name.replace("?", "_")), full_page=True)


__all__ = ["PHONE", "SCREEN", "Browser", "Seen", "axe", "browsing", "faults", "look_at"]
