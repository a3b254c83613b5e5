"""The register tells when devices change (equipment/ports.py): the matching is asked for in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils import timezone

from pilothouse.core.jobs import enqueue
from pilothouse.exposure.actions.syncing import MATCH


class Follower:
    """Asks for one matching, however many devices change before it begins."""

    def changed(self, ids: Sequence[int], revision: int) -> None:
        """These devices are new, different or gone."""
        enqueue(MATCH, by=None, at=timezone.now(), key=MATCH)

    def merged(self, old_to_new: Mapping[int, int], revision: int) -> None:
        """The old device is gone and the new one may bear another name; the rows say so themselves."""
        self.changed([], revision)
