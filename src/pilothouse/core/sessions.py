"""Sessions in the database that end after as many hours as the house chose; asked when a session is written, not on each page."""

from __future__ import annotations

from django.contrib.sessions.backends import db

from pilothouse.core.house import read_house


class SessionStore(db.SessionStore):
    """Django's own with the house's hours."""

    def get_session_cookie_age(self) -> int:
        """How many seconds a session lasts from when it was last written."""
        return read_house().session_hours * 3_600
