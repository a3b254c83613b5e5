"""What of core is measured by `pilothouse bench`."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db.models import Sum

from pilothouse.core.keeping import broken_seals
from pilothouse.core.models import Revision
from pilothouse.core.words import count


def audit() -> Iterator[tuple[str, str, str]]:
    """How fast the whole log is verified: (what, measured, bar)."""
    rows = Revision.objects.aggregate(n=Sum("rows"))["n"] or 0
    begun = time.perf_counter()
    broken = sum(1 for _ in broken_seals())
    seconds = time.perf_counter() - begun
    yield f"the audit log verified, {count(rows)} rows", f"{seconds:.2f} s", ""
    yield "rows a second", count(int(rows / seconds) if seconds else 0), ""
    yield "entries that do not hold", count(broken), "0"
