"""The register tells when devices change (equipment/ports.py): the matching is asked for in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.utils import timezone

from pilothouse.core.jobs import enqueue
from pilothouse.exposure.actions.syncing import MATCH

PAUSE = timedelta(seconds=5)
"""An import changes devices in many transactions; the matching begins when some have gathered."""


class Follower:
    """Asks for one matching, however many devices change before it begins."""

    def changed(self, ids: Sequence[int], revision: int) -> None:
        """These devices are new, different or gone."""
        now = timezone.now()
        enqueue(MATCH, by=None, at=now, key=MATCH, due_at=now + PAUSE)

    def merged(self, old_to_new: Mapping[int, int], revision: int) -> None:
        """The old device is gone and the new one may bear another name; the rows say so themselves."""
        self.changed([], revision)
