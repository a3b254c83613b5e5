"""What all processes of the server remember together for a short time: tries of a password, codes that were used.

Django's cache over a table of the house, because a limit that each process counts for itself is none. Values are JSON, so that who
can write to the database cannot make the server run anything. Only signing in asks it: other pages cost nothing.
"""

from __future__ import annotations

import json
import time
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

from pilothouse.core.models import Remembered

NEVER: Final = 1 << 60

_PUT: Final = """
INSERT INTO core_remembered (key, value, until_s) VALUES (%s, %s, %s)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, until_s = excluded.until_s"""
_PUT_WHERE_OVER: Final = f"{_PUT} WHERE core_remembered.until_s <= %s"


class SharedCache(BaseCache):
    """Django's way to it. `Any`: JSON, and what the framework hands over."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """What is remembered, or the default."""
        here = Remembered.objects.filter(key=self._key(key, version), until_s__gt=time.time())
        told = here.values_list("value", flat=True).first()
        return default if told is None else json.loads(told)

    def set(
        self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Remember it for so many seconds."""
        with connection.cursor() as cursor:
            cursor.execute(_PUT, [self._key(key, version), json.dumps(value), self._until_s(timeout)])

    def add(
        self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Remember it unless something is remembered there; of several who try at once one succeeds."""
        row = [self._key(key, version), json.dumps(value), self._until_s(timeout)]
        with connection.cursor() as cursor:
            cursor.execute(_PUT_WHERE_OVER, [*row, time.time()])
            return bool(cursor.rowcount == 1)

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget it."""
        return bool(Remembered.objects.filter(key=self._key(key, version)).delete()[0])

    def clear(self) -> None:
        """Forget everything."""
        Remembered.objects.all().delete()

    def _key(self, key: str, version: int | None) -> str:
        return str(self.make_and_validate_key(key, version=version))

    def _until_s(self, timeout: float | None) -> float:
        until = self.get_backend_timeout(timeout)
        return float(NEVER if until is None else until)
