"""The shape of what a person types about a finding."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from pilothouse.core.models import Person
from pilothouse.governance.findings.opening import RANKS
from pilothouse.governance.findings.working import MOST_TEXT


class FindingForm(forms.Form):
    """seen: the version of the finding the person had before them."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=(1 << 62), required=False)
    use_required_attribute = True

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, auto_id=f"id_{type(self).__name__.lower()}_%s", **named)

    def values(self) -> dict[str, Any]:
        """What the action takes. `Any`: of several types."""
        return dict(self.cleaned_data)

    def typed(self) -> list[tuple[str, str]]:
        """What a person wrote, by its label, so that nothing of it is lost."""
        return [(str(one.label), str(one.value())) for one in self.visible_fields() if one.value()]


def _words(label: str, help_text: str = "", *, rows: int = 3, required: bool = True) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, help_text=help_text, max_length=MOST_TEXT, widget=area, required=required
    )


class AssignForm(FindingForm):
    """To whom."""

    to = forms.CharField(
        label="To",
        help_text="A name, or the id the chain of command uses. It stays with them until they are away, leave or hand it back.",
        max_length=200,
        widget=forms.TextInput(attrs={"list": "offered", "autocomplete": "off"}),
    )
    note = _words("What they should know", rows=2, required=False)

    def clean_to(self) -> int:
        """The person's id."""
        return person_named(self.cleaned_data["to"])


def person_named(text: str) -> int:
    """The one person of an id or a name as it was typed; raises ValidationError that names those it could be."""
    text = text.strip()
    here = Person.objects.filter(left=False)
    found = (
        list(here.filter(key=text)[:1])
        or list(here.filter(name__iexact=text)[:5])
        or list(here.filter(name__icontains=text)[:5])
    )
    if len(found) == 1:
        return int(found[0].pk)
    if not found:
        raise forms.ValidationError(f"Nobody here is called {text}. Type another name or an id.")
    told = "; ".join(f"{one} is {one.key}" for one in found)
    raise forms.ValidationError(f"{text} is the name of several: {told}. Type the id.")


class HandBackForm(FindingForm):
    """Why, if there is something to say."""

    note = _words("Why", rows=2, required=False)


class CommentForm(FindingForm):
    """What is said."""

    text = _words("Add to it", rows=2)


class SnoozeForm(FindingForm):
    """Until when it waits, and why."""

    until = forms.DateField(label="Until the beginning of", widget=forms.DateInput(attrs={"type": "date"}))
    reason = _words(
        "Why it can wait",
        "Everybody who sees the finding sees the reason. The clock stands still until then.",
        rows=2,
    )

    def clean_until(self) -> datetime:
        """The moment the day begins, in the house's zone."""
        day: date = self.cleaned_data["until"]
        if not 1970 < day.year < 9000:
            raise forms.ValidationError("Choose a day after today")
        return timezone.make_aware(datetime.combine(day, time()))


class WakeForm(FindingForm):
    """Nothing but the version."""


class ResolveForm(FindingForm):
    """What proves that it is settled."""

    evidence = _words("What proves it", "What was done, by whom, and how it was checked.", rows=3)


class ReopenForm(FindingForm):
    """Why it is open again."""

    reason = _words("Why it is open again", rows=2)


class SeverityForm(FindingForm):
    """Another severity, for a reason."""

    severity = forms.ChoiceField(label="Severity", choices=[(word, word.capitalize()) for word in RANKS])
    reason = _words("Why", "A severity set by hand stays, whatever is found again.", rows=2)
