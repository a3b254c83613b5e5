"""What is asked of who imports."""

from __future__ import annotations

from typing import Any

from django import forms

from pilothouse.imports.runs import KINDS
from pilothouse.imports.targets import targets

KIND_WORDS = {
    "cmms": "CMMS export",
    "network": "Network scan",
    "security": "Security tool",
    "other": "Another list",
}


class SourceForm(forms.Form):
    """A new source."""

    name = forms.CharField(
        label="Name", max_length=40, help_text="What your people call the system, such as Nuvolo or Claroty."
    )
    takes = forms.ChoiceField(label="What it brings")
    kind = forms.ChoiceField(
        label="Kind of list", required=False, help_text="Whose word counts first for which field hangs on it."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["takes"].choices = [(name, name.capitalize()) for name in targets()]
        self.fields["takes"].initial = "equipment"
        self.fields["kind"].choices = [
            ("", "Read it off the first file"),
            *((kind, KIND_WORDS[kind]) for kind in KINDS),
        ]


class UploadForm(forms.Form):
    """A file of a source."""

    file = forms.FileField(label="File", help_text="CSV, XLSX, JSON or nmap XML, as the system exports it. Nothing is written before you have seen what it would do.")  # fmt: skip
    as_of = forms.DateField(label="True as of", required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text="The day of the export; today if left empty.")  # fmt: skip
    part = forms.BooleanField(label="Only some records", required=False, help_text="For corrected rows: what is not in the file is not marked as gone.")  # fmt: skip
