"""What the commands of the server share: Django is set up only inside them, and a database that is away is told in words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pilothouse.kernel.errors import BadUsage

if TYPE_CHECKING:
    from pilothouse.core.permissions import Viewer

OPERATOR = "operator"
"""Key of the person that the command line works as."""


class NoDatabase(BadUsage):
    """The database cannot be reached or is not set up."""


@contextmanager
def the_house(*, tables: bool = True) -> Iterator[None]:
    """Inside, models and actions work. tables: refuse a database whose migrations are not all applied."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pilothouse.config.settings")
    import django
    from django.db import InterfaceError, OperationalError

    django.setup()
    from pilothouse.core.house import use_zone

    try:
        if tables:
            need_tables()
            use_zone()
        yield
    except (OperationalError, InterfaceError) as error:
        first = str(error).strip().partition("\n")[0]
        raise NoDatabase(f"the database does not answer: {first}") from error


def operator() -> Viewer:
    """Who works at the command line: whoever holds the database may do everything; the log calls them the operator."""
    from datetime import UTC, datetime

    from pilothouse.core.keeping import writing
    from pilothouse.core.models import Person
    from pilothouse.core.permissions import house_viewer

    found = Person.objects.filter(key=OPERATOR).first()
    if found is None:
        with writing(by=None, at=datetime.now(UTC), verb="add_person") as w:
            found = Person(key=OPERATOR, name="Operator")
            w.save(found)
    return house_viewer(found)


def need_tables() -> None:
    """Raise NoDatabase when migrations are missing."""
    from pilothouse.core.checking import unapplied
    from pilothouse.core.words import counted

    if missing := unapplied():
        raise NoDatabase(
            f"the database lacks {counted(len(missing), 'migration')}, from {missing[0]} on; run pilothouse migrate"
        )
