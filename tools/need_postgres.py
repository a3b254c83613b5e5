"""Say clearly when the tests on PostgreSQL cannot run here: no server answers, or it lacks pg_trgm."""

from __future__ import annotations

import os
import sys

import psycopg

URL = os.environ.get("DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/pilothouse")


def main() -> int:
    """0 when a server answers and has the extension, else 1 with the way to mend it."""
    server = URL.rpartition("/")[0] + "/postgres"
    try:
        with psycopg.connect(server, connect_timeout=5) as connection:
            found = connection.execute(
                "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"
            ).fetchone()
    except psycopg.OperationalError as error:
        print(f"No PostgreSQL answers at {server.rpartition('@')[2]}: {str(error).strip()}", file=sys.stderr)
        print("Start one, or name another with DATABASE_URL. `make test` needs none.", file=sys.stderr)
        return 1
    if found is None:
        print(
            "This PostgreSQL lacks pg_trgm; on Debian and Ubuntu: apt-get install postgresql-contrib",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
