"""What stands around every page of the server: the navigation, the house's name, the viewer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """For every template. `Any`: a template takes what it is given."""
    return {"viewer": getattr(request, "viewer", None)}
