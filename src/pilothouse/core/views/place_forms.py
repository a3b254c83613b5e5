"""The shape of what is typed about places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from pilothouse.core.conflict import Versioned
from pilothouse.core.places import LONGEST
from pilothouse.core.views.person_forms import begin_of
from pilothouse.kernel.times import ALWAYS, OPEN, Instant

_KEY = "As chain files and sources write it. It stays, for they know the place by it."
_NAME = "Devices whose sources name the place otherwise stand at the facility until the source says the same."


def _key() -> forms.CharField:
    return forms.CharField(label="Id", max_length=60, help_text=_KEY)


def _day(label: str, help_text: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"})
    return forms.DateField(label=label, help_text=help_text, required=False, widget=widget)


class NewFacilityForm(forms.Form):
    """A hospital, clinic or other site."""

    key = _key()
    name = forms.CharField(label="Name", max_length=LONGEST)


class FacilityForm(Versioned):
    """What a facility is called."""

    name = forms.CharField(label="Name", max_length=LONGEST, help_text=_NAME)


class NewUnitForm(forms.Form):
    """A ward, a department, a laboratory."""

    key = _key()
    name = forms.CharField(label="Name", max_length=LONGEST)
    start = _day("Since", "Left empty: it has always been there.")

    def begin(self) -> Instant:
        """The beginning of its first day."""
        day = self.cleaned_data["start"]
        return ALWAYS if day is None else begin_of(day)


class UnitForm(Versioned):
    """What a unit is called, where it lies, and its last day."""

    name = forms.CharField(label="Name", max_length=LONGEST, help_text=_NAME)
    facility = forms.ChoiceField(
        label="Facility", help_text="Findings that are open there go with it; who answers is asked anew."
    )
    end = _day("Last day", "Left empty: it stays open. What still stands there goes to its facility.")

    def __init__(self, *given: Any, facilities: Sequence[tuple[str, str]] = (), **named: Any) -> None:
        """facilities: where it may lie. `Any`: as Django's forms take it."""
        super().__init__(*given, **named)
        self.facilities = facilities
        self.fields["facility"].choices = facilities

    def until(self) -> Instant:
        """The end of its last day, or none."""
        return end_of(self.cleaned_data["end"])


class CloseForm(Versioned):
    """The last day of a facility and all its units."""

    end = forms.DateField(label="Last day", widget=forms.DateInput(attrs={"type": "date"}))

    def until(self) -> Instant:
        """The end of the last day."""
        return end_of(self.cleaned_data["end"])


def end_of(day: date | None) -> Instant:
    """The end of a day; without one: none."""
    return OPEN if day is None else begin_of(day, 1)


def last_day(end: Any) -> date | None:
    """The day that ends at a moment. `Any`: a moment or None."""
    return None if end is None else (end - timedelta(microseconds=1)).date()
