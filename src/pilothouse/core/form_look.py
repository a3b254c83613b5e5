"""How every form of the server is drawn: `{{ form }}` gives the summary of what is wrong and then the fields."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class FormLook(TemplatesSetting):
    """Forms and fields from the kit, widgets from Django."""

    form_template_name = "kit/form.html"
    field_template_name = "kit/field.html"
