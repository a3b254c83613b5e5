"""How one wants the pages to look."""

from __future__ import annotations

from django import forms


class ChoicesForm(forms.Form):
    """Theme and density of tables."""

    theme = forms.ChoiceField(
        label="Theme",
        choices=[("system", "As the system"), ("light", "Light"), ("dark", "Dark")],
        widget=forms.RadioSelect,
    )
    density = forms.ChoiceField(
        label="Rows of tables",
        choices=[("dense", "Dense, 28 px"), ("normal", "Normal, 34 px"), ("roomy", "Roomy, 44 px")],
        widget=forms.RadioSelect,
    )
