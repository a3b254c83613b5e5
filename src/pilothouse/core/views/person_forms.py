"""The shape of what is typed about people."""

from __future__ import annotations

from datetime import date, datetime, time

from django import forms
from django.utils import timezone

from pilothouse.core.conflict import Versioned
from pilothouse.core.models.people import Role
from pilothouse.core.people import LONGEST
from pilothouse.kernel.times import ALWAYS, OPEN, Instant, as_instant


class NewPersonForm(forms.Form):
    """Somebody who works here."""

    name = forms.CharField(label="Name", max_length=LONGEST)
    key = forms.CharField(
        label="Id in the chain's files",
        max_length=LONGEST,
        required=False,
        help_text="A staff number. It can never be erased, so no name in it; left empty, the house makes one.",
    )
    email = forms.EmailField(label="E-mail", max_length=LONGEST, required=False)
    phone = forms.CharField(label="Phone", max_length=LONGEST, required=False)
    pager = forms.CharField(label="Pager", max_length=LONGEST, required=False)


class PersonForm(Versioned):
    """What is known of a person."""

    name = forms.CharField(label="Name", max_length=LONGEST)
    email = forms.EmailField(label="E-mail", max_length=LONGEST, required=False)
    phone = forms.CharField(label="Phone", max_length=LONGEST, required=False)
    pager = forms.CharField(label="Pager", max_length=LONGEST, required=False)
    left = forms.BooleanField(
        label="Has left", required=False, help_text="Signs in no more; what they did stays."
    )


class RoleForm(forms.Form):
    """A role at a place for a time."""

    role = forms.ChoiceField(label="Role", choices=Role.choices)
    place = forms.CharField(
        label="Facility or unit",
        max_length=LONGEST,
        required=False,
        help_text="Its id or name; empty means the whole system.",
        widget=forms.TextInput(attrs={"list": "places", "autocomplete": "off"}),
    )
    start = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label="Last day", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def span(self, now: datetime) -> tuple[Instant, Instant]:
        """From the begin of the first day, or now, to the end of the last day, or for ever."""
        first, last = self.cleaned_data["start"], self.cleaned_data["end"]
        start = as_instant(now) if first is None else begin_of(first)
        return start if first else ALWAYS, OPEN if last is None else begin_of(last, 1)


def begin_of(day: date, later: int = 0) -> Instant:
    """The beginning of a day of the house, or of one so many days later; raises ValidationError beyond the calendar."""
    try:
        moment = timezone.make_aware(datetime.combine(date.fromordinal(day.toordinal() + later), time()))
    except (ValueError, OverflowError):
        raise forms.ValidationError("This day lies beyond the calendar.") from None
    return as_instant(moment)


class SignInForm(forms.Form):
    """The name to sign in with."""

    login = forms.CharField(label="Name to sign in with", max_length=150)
