"""The shape of what is typed about a device: one field for each column of the register, from `equipment.fields`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django import forms

from pilothouse.core.conflict import Versioned
from pilothouse.core.errors import Invalid
from pilothouse.equipment.fields import BY_NAME, grouped
from pilothouse.equipment.hand import LONGEST, read_values
from pilothouse.imports.fields import Field

HELP = {
    "serial": "Several are parted by a semicolon.",
    "mac": "Twelve hexadecimal digits, several parted by a semicolon.",
    "ip": "Several are parted by a semicolon.",
    "facility": "A facility's name or key; the device moves there.",
    "unit": "A unit's name or key; the device moves there.",
    "room": "A room's or a bay's code; what is not among the rooms of the unit stays a text.",
    "status": "In use, in stock, in repair, on loan, missing, retired, or the source's own word.",
    "criticality": "As your house grades it.",
    "phi": "Yes, no, or what is stored.",
}


class DeviceForm(forms.Form):
    """All fields of a device. `since`: the revision at which its editor read it."""

    note = forms.CharField(
        label="Why", required=False, max_length=300, help_text="Stands in the device's history."
    )
    since = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=1 << 62)

    def __init__(self, *args: Any, hidden: Collection[str] = (), by_hand: Collection[str] = (), **options: Any) -> None:  # fmt: skip
        """hidden: fields that this person may not see; by_hand: those that are set by hand. `Any`: as Django's forms take it."""
        super().__init__(*args, **options)
        fields = [field for group in grouped().values() for field in group if field.name not in hidden]
        self.fields |= {field.name: _field(field, field.name in by_hand) for field in fields}
        self.order_fields([*(field.name for field in fields), "note", "since"])
        self.values: dict[str, str] = {}

    def clean(self) -> dict[str, Any]:
        """Each value as the register writes it, or a message at its field. `Any`: Django's cleaned values."""
        cleaned = dict(super().clean() or {})
        given = {name: cleaned[name] for name in BY_NAME if name in self.fields and name in cleaned}
        self.values, wrong = read_values(given)
        for name, message in wrong.items():
            self.add_error(name, message)
        return cleaned

    def changed(self, before: Mapping[str, str]) -> dict[str, str]:
        """The values that differ from those that were shown."""
        return {name: value for name, value in self.values.items() if value != before.get(name, "")}

    def groups(self) -> Iterable[tuple[str, list[forms.BoundField]]]:
        """The fields under the titles of their groups, as the page draws them."""
        for title, fields in grouped().items():
            shown = [self[field.name] for field in fields if field.name in self.fields]
            if shown:
                yield title, shown


def _field(field: Field, is_by_hand: bool) -> forms.CharField:
    told = HELP.get(field.name, "")
    if field.kind == "date":
        told = "A day such as 2024-11-02."
    if is_by_hand:
        told = f"{told} Set by hand: empty it to ask the sources again.".strip()
    made = forms.CharField(label=field.label, required=False, max_length=LONGEST, help_text=told)
    if field.name == "room":
        made.widget.attrs["list"] = "rooms"
    if field.kind in ("identifier", "many", "version"):
        made.widget.attrs |= {"class": "code", "autocapitalize": "off", "spellcheck": "false"}
    return made


class NoteForm(forms.Form):
    """Why something is done."""

    note = forms.CharField(
        label="Why", required=False, max_length=300, help_text="Stands in the device's history."
    )


def numbers(texts: Iterable[str]) -> list[int]:
    """The whole numbers among texts of a request; what is none, or beyond an id, is left out."""
    return [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19]


class ModelForm(forms.Form):
    """What a device model is."""

    name = forms.CharField(label="Model", max_length=200)
    category = forms.CharField(
        label="Category", required=False, max_length=200, help_text="What it is: Infusion pump."
    )
    software = forms.CharField(label="Software", required=False, max_length=300, help_text="What runs on it.")
    support_until = forms.CharField(
        label="Supported until",
        required=False,
        max_length=10,
        help_text="The day its maker's support ends, such as 2029-12-31.",
    )
    product_code = forms.RegexField(
        r"^[A-Za-z]{3}$",
        label="FDA product code",
        required=False,
        help_text="Three letters, such as FRN.",
        error_messages={"invalid": "Enter three letters, such as FRN."},
    )
    identifiers = forms.CharField(
        label="Device identifiers",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "code"}),
        help_text="The DI of each of its UDIs, one a line.",
    )
    note = forms.CharField(
        label="Note", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean_support_until(self) -> str:
        """A day as the register writes it."""
        read, wrong = read_values({"warranty": self.cleaned_data["support_until"]})
        if wrong:
            raise forms.ValidationError(wrong["warranty"])
        return read["warranty"]

    def clean_product_code(self) -> str:
        """In capitals."""
        return str(self.cleaned_data["product_code"]).upper()


class MakerForm(forms.Form):
    """What a maker is called."""

    name = forms.CharField(label="Name", max_length=200)


class _RoomFields(forms.Form):
    """What a room is called."""

    key = forms.CharField(
        label="Code", max_length=200, help_text="As on its door: 4-112. Once in its facility.", widget=forms.TextInput(attrs={"class": "code"})
    )  # fmt: skip
    name = forms.CharField(label="Name", max_length=200, required=False)
    aliases = forms.CharField(
        label="Also called",
        max_length=1_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What lists call it, one a line. Devices whose room is told so stand here.",
    )

    def take(self, error: Invalid) -> None:
        """The messages of an action at their fields."""
        for name, message in error.fields.items():
            self.add_error(name if name in self.fields else None, message)
        if not error.fields:
            self.add_error(None, str(error))


class RoomForm(_RoomFields, Versioned):
    """A room that is there."""


class NewRoomForm(_RoomFields):
    """A new room and the unit or facility it is in."""

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]] = (), **options: Any) -> None:
        """places: `u12` or `f3` with its name; none for a bay. `Any`: as Django's forms take it."""
        super().__init__(*args, **options)
        if places:
            self.fields["place"] = forms.ChoiceField(label="Where", choices=places)
            self.order_fields(["place"])

    @property
    def place(self) -> dict[str, int]:
        """The unit or facility, as the action takes it."""
        told = str(self.cleaned_data.get("place", ""))
        return {"unit" if told[0] == "u" else "facility": int(told[1:])} if told else {}

    @property
    def values(self) -> dict[str, str]:
        """What it is called."""
        return {name: self.cleaned_data[name] for name in ("key", "name", "aliases")}
