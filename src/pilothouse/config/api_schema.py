"""Write the API's schema to a file, for the test that compares it: `make api-schema`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def text() -> str:
    """The schema as JSON, the same on every machine."""
    from pilothouse.config.api import api

    return json.dumps(api.get_openapi_schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(path: str) -> None:
    """Write it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pilothouse.config.settings")
    import django

    django.setup()
    Path(path).write_text(text(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
