"""Runs as what entries of the log are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.urls import reverse

from pilothouse.core.permissions import Viewer
from pilothouse.imports.models import Run


class RunSubjects:
    """For who sees sources everywhere; nothing is put to a run."""

    kind = "run"

    def may_see(self, viewer: Viewer, number: int) -> bool:
        """As on its page."""
        return viewer.may("see_sources") and Run.objects.filter(pk=number).exists()

    def may_change(self, viewer: Viewer, number: int) -> bool:
        """Never."""
        return False

    def titles(self, numbers: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """The source and the file; one query."""
        rows = Run.objects.filter(pk__in=list(numbers)).values_list("id", "source__name", "file")
        return {
            number: (f"{name}: {file}" if name else file, reverse("run_page", args=[number]))
            for number, name, file in rows
        }
