"""What somebody who leaves leaves open: findings that wait for them, offices, duties they were handed."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from pilothouse.core.permissions import Viewer
from pilothouse.core.words import counted
from pilothouse.governance.command.seeing import seen_sql
from pilothouse.governance.findings.owners import catch_up
from pilothouse.governance.findings.reads import UNRESOLVED, visible
from pilothouse.governance.loading import lines_of
from pilothouse.kernel.times import as_instant

MOST = 30


class Leaving:
    """Of findings a number, of offices each by name."""

    def open_with(self, viewer: Viewer, person: int) -> list[tuple[str, str]]:
        """Four queries, and the look whether owners are of today."""
        now = timezone.now()
        catch_up(now)
        waits = visible(viewer).filter(UNRESOLVED, owner=person).count()
        told = [(counted(waits, "open finding"), f"/findings/?owner={person}")] if waits else []
        if not viewer.may_somewhere("see_chain"):
            return told
        instant = as_instant(now)
        for table, words in (
            ("appointment", "Appointed"),
            ("delegation", "Handed to them"),
            ("shift", "On duty"),
        ):
            said = "t.kind" if table == "appointment" else "''"
            rows = lines_of(
                f"SELECT DISTINCT p.id, p.title, p.key, {said} FROM governance_{table} t JOIN governance_position p ON p.id = t.position_id"
                f' WHERE t.person_id = %s AND t."end" > %s AND {seen_sql(viewer)} ORDER BY p.title, p.id LIMIT {MOST}',
                [person, instant],
            )
            for position, title, key, kind in rows:
                how = f"{words} as {kind}" if kind else words
                told.append((f"{how}: {title or key}", reverse("position_page", args=[position])))
        return told
