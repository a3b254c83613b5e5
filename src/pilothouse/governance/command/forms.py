"""The shape of what is typed about the chain of command. Times are the chain's wall clock; empty means now, or no end."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django import forms

from pilothouse.core.conflict import Versioned
from pilothouse.core.errors import NotFound
from pilothouse.core.models import Person
from pilothouse.core.permissions import Viewer
from pilothouse.governance import models as m
from pilothouse.governance.command.actions import Times
from pilothouse.governance.command.deciding import where_named
from pilothouse.governance.command.seeing import seen_sql
from pilothouse.governance.loading import chain_zone
from pilothouse.governance.sources.cells import SUM_FORM
from pilothouse.kernel.times import OPEN, Instant, NotATime, read_time

LONGEST: Final = 200


class Moment(forms.CharField):
    """A wall clock's time of the chain's zone; reads as an instant, or None when empty."""

    def __init__(self, **options: Any) -> None:  # Any: as Django's fields take them
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"})
        super().__init__(**{"required": False, "max_length": 40, "widget": widget, **options})

    def clean(self, value: Any) -> Instant | None:  # Any: what was typed
        """Raises ValidationError for what is no time."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_time(text, chain_zone())
        except NotATime:
            raise forms.ValidationError("This is no time. Write it as 2026-11-02 07:30.") from None


class Named(forms.CharField):
    """Somebody or something by id or name, one of which is meant; reads as its number.

    viewer: who types, set by `for_viewer`; what is hidden from them is as if it were not there.
    """

    viewer: Viewer | None = None

    def __init__(self, offers: str, **options: Any) -> None:  # Any: as Django's fields take them
        widget = forms.TextInput(attrs={"list": offers, "autocomplete": "off"})
        super().__init__(**{"max_length": LONGEST, "widget": widget, **options})


class PersonField(Named):
    """A person by id or name."""

    def __init__(self, **options: Any) -> None:  # Any: as Django's fields take them
        super().__init__("people", **{"help_text": "Their name, or their id.", **options})

    def clean(self, value: Any) -> int | None:  # Any: what was typed
        """Raises ValidationError for nobody and for several."""
        text = super().clean(value)
        return _one(Person.objects.filter(left=False), text, "person", "name") if text else None


class PositionField(Named):
    """A position by key or title."""

    def __init__(self, **options: Any) -> None:  # Any: as Django's fields take them
        super().__init__("positions", **{"help_text": "Its title, or its key.", **options})

    def clean(self, value: Any) -> int | None:  # Any: what was typed
        """Raises ValidationError for none and for several."""
        text = super().clean(value)
        return _one(positions_seen(self.viewer), text, "position", "title") if text else None


class PlaceField(Named):
    """A facility or unit by id or name; empty: the whole system. Reads as (facility, unit)."""

    def __init__(self, **options: Any) -> None:  # Any: as Django's fields take them
        told = {
            "required": False,
            "help_text": "A facility or unit, by id or name; empty means the whole system.",
        }
        super().__init__("places", **{**told, **options})

    def clean(self, value: Any) -> tuple[int | None, int | None]:  # Any: what was typed
        """Raises ValidationError for a place that is not known."""
        text = super().clean(value) or ""
        if self.viewer is None:
            raise forms.ValidationError("Nobody is signed in.")
        try:
            where = where_named(self.viewer, text)
            return (None, where.unit) if where.unit else (where.facility, None)
        except NotFound as error:
            raise forms.ValidationError(f"{error}.") from None


def positions_seen(viewer: Viewer | None) -> Any:  # Any: a query
    """The positions a viewer sees."""
    if viewer is None:
        return m.Position.objects.none()
    return m.Position.objects.extra(where=[seen_sql(viewer, "governance_position")])  # noqa: S610 - numbers and names of ours


def for_viewer(form: forms.Form, viewer: Viewer) -> forms.Form:
    """The form, its fields bound to who types."""
    for field in form.fields.values():
        if isinstance(field, Named):
            field.viewer = viewer
    return form


def _one(rows: Any, text: str, noun: str, name: str) -> int:  # Any: a query
    for field in ("key", f"{name}__iexact"):
        found = list(rows.filter(**{field: text}).values_list("id", flat=True)[:2])
        if len(found) == 1:
            return int(found[0])
        if found:
            raise forms.ValidationError(f"Several are called {text}. Write the id of the one you mean.")
    near = list(rows.filter(**{f"{name}__icontains": text}).values_list(name, flat=True)[:3])
    hint = f" Near it: {', '.join(near)}." if near else ""
    raise forms.ValidationError(f"There is no {noun} {text}.{hint}")


class _Timed(Versioned):
    """A span; empty `start` is the moment of sending."""

    def times(self, now: Instant) -> Times:
        """The span that was typed."""
        start, end = self.cleaned_data["start"], self.cleaned_data["end"]
        return Times(now if start is None else start, OPEN if end is None else end)


class AppointForm(_Timed):
    """A holder."""

    person = PersonField(label="Person")
    start = Moment(label="From", help_text="Empty means now.")
    end = Moment(label="Until", help_text="Empty means without end.")
    succeed = forms.BooleanField(
        label="Whoever holds it then ends at that moment", required=False, initial=True
    )


class HelmForm(Versioned):
    """Who is to hold the helm, and from when."""

    person = PersonField(label="Who is to hold it")
    begins = Moment(
        label="From", help_text="Empty means now. They hold it without an end, until somebody succeeds them."
    )

    def start(self, now: Instant) -> Instant:
        """The moment that was typed, or this one."""
        typed: Instant | None = self.cleaned_data["begins"]
        return now if typed is None else typed


class DeputyForm(_Timed):
    """A deputy."""

    person = PersonField(label="Person")
    rank = forms.IntegerField(label="Order", min_value=1, max_value=999, required=False, help_text="1 is asked first; empty is asked last.")  # fmt: skip
    start = Moment(label="From", help_text="Empty means now.")
    end = Moment(label="Until", help_text="Empty means without end.")


class MandateForm(_Timed):
    """A mandate."""

    topic = forms.CharField(label="Topic", max_length=60, help_text="Such as recall or data_flow; * is whatever has no mandate of its own.", widget=forms.TextInput(attrs={"list": "topics", "autocomplete": "off"}))  # fmt: skip
    place = PlaceField(label="Place")
    most = forms.CharField(label="Up to", max_length=20, required=False, help_text="A sum; empty is without limit.")  # fmt: skip
    currency = forms.CharField(label="Currency", max_length=10, required=False)
    start = Moment(label="From", help_text="Empty means now.")
    end = Moment(label="Until", help_text="Empty means without end.")
    succeed = forms.BooleanField(label="Whoever answers it there now ends at that moment", required=False)

    def clean_most(self) -> Decimal | None:
        """The sum, or None."""
        text = str(self.cleaned_data["most"]).strip()
        if not text:
            return None
        try:
            if SUM_FORM.fullmatch(text):
                return Decimal(text)
        except InvalidOperation:
            pass
        raise forms.ValidationError("A plain number such as 25000 or 25000.50 is needed.")


class DelegateForm(_Timed):
    """A delegation."""

    person = PersonField(label="To")
    topic = forms.CharField(label="Topic", max_length=60, initial="*", help_text="One topic, or * for everything.", widget=forms.TextInput(attrs={"list": "topics", "autocomplete": "off"}))  # fmt: skip
    start = Moment(label="From", help_text="Empty means now.")
    end = Moment(label="Until", help_text="Empty means until it is taken back.")


class DutyForm(_Timed):
    """A shift."""

    person = PersonField(label="Person")
    start = Moment(label="From", required=True)
    end = Moment(label="Until", required=True)


class AwayForm(_Timed):
    """An absence."""

    start = Moment(label="From", help_text="Empty means now.")
    end = Moment(label="Until", help_text="Empty means not known yet.")


class ChangeForm(Versioned):
    """The position itself."""

    title = forms.CharField(label="Title", max_length=LONGEST)
    reports_to = PositionField(label="Reports to", required=False)
    place = PlaceField(label="Scope")
    end = Moment(label="Ends", help_text="Empty means it has no end.")


class NewPositionForm(forms.Form):
    """A position that is not there yet."""

    title = forms.CharField(label="Title", max_length=LONGEST)
    key = forms.CharField(label="Key", max_length=60, help_text="What chain files call it, such as CN-ICU. It never changes.")  # fmt: skip
    reports_to = PositionField(label="Reports to")
    place = PlaceField(label="Scope")


class FoundForm(forms.Form):
    """The first position of a house: its helm."""

    title = forms.CharField(
        label="Title", max_length=LONGEST, help_text="The one office above both HTM and IT."
    )
    key = forms.CharField(label="Key", max_length=60, initial="HELM")
    person = PersonField(label="Held by")


class EndForm(Versioned):
    """When something ends."""

    end = Moment(label="Ends", help_text="Empty means now. A time before its beginning withdraws it.")


FORMS: Final[Mapping[str, tuple[type[Versioned], str, str]]] = {
    "appoint": (AppointForm, "Appoint a holder", "Appoint"),
    "deputy": (DeputyForm, "Appoint a deputy", "Appoint deputy"),
    "mandate": (MandateForm, "Give a mandate", "Give mandate"),
    "delegate": (DelegateForm, "Delegate", "Hand over"),
    "duty": (DutyForm, "Plan a shift", "Plan shift"),
    "change": (ChangeForm, "Change the position", "Save position"),
}
"""Verb in the address to its form, the page's title and the words of its button."""
