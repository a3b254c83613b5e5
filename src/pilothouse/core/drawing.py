"""The small marks of the kit as markup: severity, answer, owner, clock, source, tag, time.

Functions, not templates, as a list draws hundreds of them; the tags and partials of the kit call these. What comes from
outside is escaped. Widths are SVG attributes, since the policy of the pages allows no style of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from pilothouse.core import clocks, words

SEVERITY_WORDS: Final = {
    "critical": "Critical",
    "high": "High",
    "medium": "Medium",
    "low": "Low",
    "none": "Unknown",
}
SEVERITY_TICKS: Final = {"critical": 4, "high": 3, "medium": 2, "low": 1, "none": 0}
TRUTH_WORDS: Final = {
    "affected": "Affected",
    "possible": "Possible",
    "clear": "Not affected",
    "silent": "Says nothing",
}
CLAIM_WORDS: Final = {"won": "counts", "agrees": "agrees", "lost": "does not count", "hand": "set by hand"}
VOTE_WORDS: Final = {
    "for": "For",
    "against": "Against",
    "heard": "Heard, no view",
    "awaited": "Not yet heard",
}


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the thread: done, now, or to come (`todo`)."""

    name: str
    value: str
    step: Literal["done", "now", "todo"]
    link: str = ""


def _safe(markup: str) -> SafeString:
    return mark_safe(markup)  # noqa: S308 - every value was escaped where it was put in


def icon(name: str) -> SafeString:
    """An icon of the sprite; never without a word beside it."""
    return _safe(f'<svg class="icon" aria-hidden="true"><use href="#i-{escape(name)}"/></svg>')


def nav_link(url: str, text: str, key: str, waiting: int, here: bool) -> SafeString:
    """An entry of the navigation; waiting: how many things wait there, 0 for no number."""
    current = ' aria-current="page"' if here else ""
    go = f' data-go="{escape(key)}"' if key else ""
    number = (
        f'<span class="nav-n">{words.count(waiting)}<span class="sr"> wait</span></span>' if waiting else ""
    )
    return _safe(f'<a href="{escape(url)}"{current}{go}>{escape(text)}{number}</a>')


def sev(severity: str, text: object = "") -> SafeString:
    """Severity: rising ticks and a word."""
    ticks = SEVERITY_TICKS.get(severity, 0)
    mark = f'<svg aria-hidden="true"><use href="#sev-{ticks}"/></svg>' if ticks else ""
    word = text or SEVERITY_WORDS.get(severity, words.UNKNOWN)
    return _safe(f'<span class="sev" data-sev="{escape(severity)}">{mark}{escape(word)}</span>')


def truth(answer: str, text: object = "") -> SafeString:
    """An answer: disc, half disc, ring or dash, and a word."""
    word = text or TRUTH_WORDS.get(answer, words.UNKNOWN)
    mark = f'<svg aria-hidden="true"><use href="#t-{escape(answer)}"/></svg>' if answer in TRUTH_WORDS else ""
    return _safe(f'<span class="truth" data-truth="{escape(answer)}">{mark}{escape(word)}</span>')


def owner(
    name: str,
    post: str = "",
    url: str = "",
    *,
    me: bool = False,
    helm: bool = False,
    away: bool = False,
    stacked: bool = False,
    card: str = "",
) -> SafeString:
    """Who answers: initials, name, position or reason; a link when there is a page to go to. card: the address of their card."""
    kinds = "".join(f" data-{kind}" for kind, on in (("me", me), ("helm", helm), ("away", away)) if on)
    shown = f' data-card="{escape(card)}"' if card else ""
    tag, link = ("a", f' href="{escape(url)}"{shown}') if url else ("span", "")
    told = f' <span class="owner-post">{escape(post)}</span>' if post else ""
    return _safe(
        f'<{tag} class="owner{" stacked" if stacked else ""}"{link}{kinds}>'
        f'<span class="owner-mark" aria-hidden="true">{escape(words.initials(name or ""))}</span>'
        f'<span class="owner-name">{escape(name)}</span>{told}</{tag}>'
    )


def tag(text: object, tone: str = "", mark: str = "") -> SafeString:
    """A word for a state. tone: ok, high, crit, solid or none."""
    toned = f' data-tone="{escape(tone)}"' if tone else ""
    return _safe(f'<span class="tag"{toned}>{icon(mark) if mark else ""}{escape(text)}</span>')


def src(name: object, claim: str, value: object = "", url: str = "") -> SafeString:
    """A source and what became of its claim. claim: won, agrees, lost, hand; value: what it said, when it lost."""
    told = f': <span class="lost">{escape(value)}</span>' if value not in ("", None) else ""
    tag_, link = ("a", f' href="{escape(url)}"') if url else ("span", "")
    return _safe(
        f'<{tag_} class="src" data-claim="{escape(claim)}"{link}>{escape(name)}{told}'
        f'<span class="sr"> ({escape(CLAIM_WORDS.get(claim, claim))})</span></{tag_}>'
    )


def vote(view: str, text: object = "") -> SafeString:
    """A seat's view in a decision: for, against, heard, awaited."""
    word = text or VOTE_WORDS.get(view, words.UNKNOWN)
    return _safe(
        f'<span class="vote" data-vote="{escape(view)}"><svg aria-hidden="true"><use href="#v-{escape(view)}"/></svg>{escape(word)}</span>'
    )


def clock(one: clocks.Clock) -> SafeString:
    """A clock in a list: a bar and words."""
    if one.state == "none":
        return _safe(f'<span class="clock" data-clock="none">{escape(one.words)}</span>')
    width = 100 if one.state == "breached" else round(100 * one.used, 1)
    ink = 'class="clock-over" fill="url(#hatch-crit)"' if one.state == "breached" else 'class="clock-used"'
    return _safe(
        f'<span class="clock" data-clock="{one.state}"><svg class="clock-bar" aria-hidden="true">'
        f'<rect {ink} width="{width}%" height="100%"/></svg>{escape(one.words)}</span>'
    )


def left(one: clocks.Clock) -> SafeString:
    """The words of a clock alone, for a column beside a lane."""
    return _safe(f'<span class="left-words" data-clock="{one.state}">{escape(one.words)}</span>')


def _hatch(kind: str) -> str:
    return ' fill="url(#hatch-crit)"' if kind == "over" else ""


def _bars(bars: tuple[clocks.Bar, ...]) -> str:
    return "".join(
        f'<rect class="l-{bar.kind}" x="{bar.at}%" width="{bar.width}%" height="6" y="-3"{_hatch(bar.kind)}/>'
        for bar in bars
    )


def lane(on: clocks.Axis, one: clocks.Clock) -> SafeString:
    """A clock on the axis that all clocks of the list share; for a cell of class `lane`."""
    drawn = clocks.lane(on, one)
    due = ""
    if drawn.due is not None:
        toned = f' data-tone="{drawn.tone}"' if drawn.tone else ""
        due = f'<rect class="l-due"{toned} x="{drawn.due}%" y="-7" width="2" height="14"/>'
    return _safe(
        f'<svg class="lane-in" aria-hidden="true"><line class="l-now" x1="{drawn.now}%" x2="{drawn.now}%" y1="0" y2="100%"/>'
        f'<svg y="50%" overflow="visible">{_bars(drawn.bars)}{due}</svg></svg>'
    )


def lane_head(on: clocks.Axis) -> SafeString:
    """The labels of the axis; for the column's head of class `lane`."""
    weeks = "".join(f'<text x="{place}%" y="-7">{escape(label)}</text>' for place, label in on.weeks)
    now = on.at(on.now)
    return _safe(
        '<span class="sr">Opened to due</span><svg class="lane-in" aria-hidden="true">'
        f'<line class="l-now" x1="{now}%" x2="{now}%" y1="0" y2="100%"/>'
        f'<svg y="100%" overflow="visible">{weeks}<text class="l-nowlab" x="{now}%" y="-7">now</text></svg></svg>'
    )


def bigclock(one: clocks.Clock) -> SafeString:
    """The one large clock of a finding: the answer in words, then opening, pauses, now and end on one bar."""
    drawn = clocks.whole(one)
    if drawn is None or one.due_at is None or one.opened_at is None:
        return _safe(f'<p class="bigclock soft">{escape(one.words)}</p>')
    on, bars = drawn
    now = on.at(on.now)
    rects = "".join(
        f'<rect class="l-{bar.kind}" x="{bar.at}%" width="{bar.width}%" y="14" height="12"'
        f"{_hatch(bar.kind)}/>"
        for bar in bars
    )
    late = one.state == "breached"
    told = f'<span class="big">{escape(one.left)}</span>'
    phrase = f"Overdue by {told}" if late else f"{told} left{', paused' if one.state == 'paused' else ''}"
    due = f'<text class="l-end" x="{on.at(one.due_at)}%" y="40">{escape(words.stamp(one.due_at, on.now))} due</text>'
    now_label = (
        ""
        if 0 < now < 12 or 84 < now < 100
        else f'<text class="l-nowlab{" l-end" if late else ""}" x="{now}%" y="40">now</text>'
    )
    return _safe(
        f'<div class="bigclock" data-clock="{one.state}"><p>{phrase} <span class="soft">{"since" if late else "until"} {escape(words.moment(one.due_at))}</span></p>'
        f'<svg class="biglane" role="img" aria-label="{escape(one.words)}, opened {escape(words.moment(one.opened_at))}">'
        f'<rect class="l-frame" x="0" y="14" width="100%" height="12"/>{rects}'
        f'<svg x="{now}%" overflow="visible"><rect class="l-nowbar" x="-1.5" y="4" width="3" height="32"/></svg>'
        f'<text x="0" y="40">{escape(words.stamp(one.opened_at, on.now))} opened</text>{now_label}{due}</svg></div>'
    )


def when(moment: datetime, now: datetime, *, running: bool = False) -> SafeString:
    """A time as short as it can be, the other form in its title. running: as the time since or until."""
    short, full = words.stamp(moment, now), words.moment(moment)
    text = words.ago(moment, now) if running else short
    return _safe(f'<time datetime="{moment.isoformat()}" title="{escape(full)}">{escape(text)}</time>')
