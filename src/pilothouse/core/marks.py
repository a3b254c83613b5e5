"""What the kit's templates may say beside Django's own tags: numbers, shares and marks in the house's spelling."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django import template
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, HiddenInput, RadioSelect
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from pilothouse.core import clocks, drawing, evidence, words

register = template.Library()


def count(number: int) -> str:
    return words.count(number)


def counted(number: int, noun: str) -> str:
    return words.counted(number, noun)


def initials(name: str) -> str:
    return words.initials(name)


def severity_word(severity: str) -> str:
    return drawing.SEVERITY_WORDS.get(severity, words.UNKNOWN)


def severity_ticks(severity: str) -> int:
    return drawing.SEVERITY_TICKS.get(severity, 0)


def truth_word(truth: str) -> str:
    return drawing.TRUTH_WORDS.get(truth, words.UNKNOWN)


def or_unknown(text: str | None) -> str:
    """The text, or the word `unknown`: what is not known is never blank."""
    return text or words.UNKNOWN


def one_decimal(number: float) -> str:
    """A base score: 4.2, 10.0."""
    return words.decimal(number, 1)


def percent_of(hundredths: float | None) -> str:
    """A number of percent with its sign; never rounded to what it is not."""
    return words.UNKNOWN if hundredths is None else words.percent(hundredths, 100)


def evidence_spans(text: str | None) -> tuple[evidence.Span, ...]:
    """What speaks for and against, as the pieces of one bar."""
    return evidence.spans(text or "")


def href(link: str) -> str:
    """An address as it is; a bare word is a part of this page."""
    return link if link[:1] in "/#?" or "://" in link else f"#{link}"


def full_moment(when: datetime) -> str:
    """A fixed moment in the house's time zone: `Fri 4 Dec 2026, 11:00`."""
    return words.moment(timezone.localtime(when))


def short_moment(when: datetime) -> str:
    """The same for narrow places: without the year when it is this year's, the day alone when it is a day's end."""
    local, now = timezone.localtime(when), timezone.localtime()
    text = words.day(local.date(), now.date())
    return text if (local.hour, local.minute) == (23, 59) else f"{text}, {local:%H:%M}"


def control(field: Any) -> SafeString:
    """A form field's input with the kit's class. `Any`: Django's bound field."""
    widget = field.field.widget
    plain = isinstance(widget, CheckboxInput | RadioSelect | CheckboxSelectMultiple | HiddenInput)
    held = widget.attrs.get("class", "")
    name = ("check" if isinstance(widget, CheckboxInput) else "choices") if plain else "input"
    return field.as_widget(attrs={"class": f"{name} {held}".strip()})


def unit(field: Any) -> str:
    """The unit beside a field: the form's field carries it as `unit`. `Any`: Django's bound field."""
    return getattr(field.field, "unit", "")


def any_wrong(fields: Any) -> bool:
    """Whether one of a form's fields is wrong. `Any`: Django's pairs of field and errors."""
    return any(wrong for _, wrong in fields)


@register.simple_tag
def when(moment: datetime | None, running: bool = False) -> SafeString | str:
    """`{% when finding.opened_at %}`: a time in words; running=True: `12 min ago`. What never was is `unknown`."""
    if moment is None:
        return words.UNKNOWN
    return drawing.when(timezone.localtime(moment), timezone.localtime(), running=running)


@register.simple_tag
def bigclock(one: clocks.Clock) -> SafeString:
    """The one large clock of a finding, in the house's time zone."""
    moved = {
        name: timezone.localtime(at)
        for name in ("opened_at", "due_at", "now")
        if (at := getattr(one, name)) is not None
    }
    return drawing.bigclock(replace(one, **moved))


for _tag in (
    drawing.icon,
    drawing.nav_link,
    drawing.sev,
    drawing.truth,
    drawing.owner,
    drawing.tag,
    drawing.src,
    drawing.vote,
    drawing.clock,
    drawing.left,
    drawing.lane,
    drawing.lane_head,
):
    register.simple_tag(_tag)


@register.simple_block_tag
def keep(content: str) -> str:
    """`{% keep as name %}…{% endkeep %}`: a part of the page drawn into a variable, so that the frame knows whether it is empty."""
    return mark_safe(content.strip())  # noqa: S308 - drawn with autoescape on


for _filter in (
    control,
    unit,
    any_wrong,
    full_moment,
    short_moment,
    href,
    evidence_spans,
    counted,
    count,
    initials,
    severity_word,
    severity_ticks,
    truth_word,
    or_unknown,
    one_decimal,
    percent_of,
):
    register.filter(_filter.__name__, _filter)
