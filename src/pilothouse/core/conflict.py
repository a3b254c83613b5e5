"""Two people save the same record: the second sees both versions side by side, and nothing is overwritten.

    class PersonForm(Versioned):
        name = forms.CharField()

    form = PersonForm(request.POST)
    try:
        change_person(..., since=form.since, ...)
    except Stale as error:
        clash = clash_of(form, error)         # and the page is drawn again with `clash`
        form = clash.form

The form carries `since`, the version it was drawn from. After a clash it carries the version that stands now, so that who has seen
both may save what they then want. The template: `{% include "kit/clash.html" %}` above the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from pilothouse.core.errors import Stale
from pilothouse.core.models import Person, Revision


class Versioned(forms.Form):
    """A form that knows which version of its record it was drawn from."""

    since = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=(1 << 62))

    @property
    def version(self) -> int:
        """The version that was read; for a form that is valid."""
        return int(self.cleaned_data["since"])

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, without the version. `Any`: as each field reads it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "since"}


@dataclass(frozen=True, slots=True)
class Side:
    """One field of both versions, in words."""

    label: str
    theirs: str
    yours: str

    @property
    def differs(self) -> bool:
        """Whether the two are not the same."""
        return self.theirs != self.yours


@dataclass(frozen=True)
class Clash:
    """What somebody saved meanwhile beside what was typed. by: who; None for the house itself."""

    by: Person | None
    at: datetime | None
    sides: tuple[Side, ...]
    form: forms.Form


def clash_of(form: forms.Form, stale: Stale) -> Clash:
    """Both versions, and the form as it may be sent again."""
    entry = Revision.objects.select_related("by").filter(pk=stale.since).first()
    sides = tuple(
        Side(str(field.label), _in_words(field, stale.present.get(name)), _in_words(field, form.data.get(form.add_prefix(name))))
        for name, field in form.fields.items()
        if name in stale.present and not field.widget.is_hidden
    )  # fmt: skip
    return Clash(entry and entry.by, entry and entry.at, sides, _again(form, stale.since))


def _again(form: forms.Form, since: int) -> forms.Form:
    """The same form with what was typed, drawn from the version that stands now."""
    data = form.data.copy()
    data[form.add_prefix("since")] = str(since)
    return type(form)(data)


def _in_words(field: forms.Field, value: object) -> str:
    if isinstance(field, forms.BooleanField):
        return "yes" if value in (True, "on", "True", "true", "1") else "no"
    choices: Mapping[str, str] = dict(getattr(field, "choices", ()))
    text = "" if value is None else str(value)
    return str(choices.get(text, text))
