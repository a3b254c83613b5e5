"""What stands around every page of the server: navigation, the house's name, theme, the day looked at, the viewer.

Everything is lazy: a part of a page that draws no frame asks nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from pilothouse.core import as_of, kit, navigation
from pilothouse.core.house import house_of

THEMES = ("system", "light", "dark")
DENSITIES = ("dense", "normal", "roomy")


class Around:
    """The frame of one request; each property is worked out at most once, and only when a template asks."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.viewer = getattr(request, "viewer", None)

    @cached_property
    def nav(self) -> list[navigation.Word]:
        """The navigation."""
        return navigation.sentence(self.viewer, self.request.path) if self.viewer else []

    @cached_property
    def tabs(self) -> list[navigation.Link]:
        """The tabs at the foot of a phone."""
        return navigation.tabs(self.viewer, self.request.path) if self.viewer else []

    @cached_property
    def commands(self) -> list[navigation.Link]:
        """Every place the viewer may go to."""
        return navigation.places(self.viewer) if self.viewer else []

    @property
    def house(self) -> str:
        """The name of the health system."""
        return house_of(self.request).name

    @property
    def can_reset(self) -> bool:
        """Whether a forgotten password can be set anew by mail."""
        return bool(settings.MAIL)

    @cached_property
    def theme(self) -> str:
        """`light`, `dark`, or empty for the system's."""
        return self._chosen("theme", THEMES[1:])

    @cached_property
    def density(self) -> str:
        """`dense`, `roomy`, or empty for normal."""
        return self._chosen("density", (DENSITIES[0], DENSITIES[2]))

    @cached_property
    def search(self) -> str | None:
        """Where the field in the bar leads without script."""
        return navigation.address("search")

    @property
    def look_url(self) -> str | None:
        """Where the choice of theme and density is sent; None when nobody is signed in."""
        return navigation.address("account_look") if self.viewer else None

    @property
    def account_url(self) -> str | None:
        """The viewer's own page."""
        return navigation.address("account_page")

    @property
    def rest(self) -> list[tuple[str, str]]:
        """The address's other parameters, which a change of the day keeps."""
        return [
            (name, value) for name, values in self.request.GET.lists() if name != "as_of" for value in values
        ]

    @property
    def now_url(self) -> str:
        """This page as it is now."""
        rest = urlencode(self.rest)
        return f"{self.request.path}?{rest}" if rest else self.request.path

    @property
    def icons(self) -> SafeString:
        """The sprite that marks refer to."""
        return kit.icons()

    @property
    def knows_the_past(self) -> bool:
        """Whether this page can be shown as it was on another day."""
        return as_of.knows_the_past(self.request)

    @cached_property
    def now(self) -> datetime:
        """The moment of this page."""
        return timezone.now()

    @cached_property
    def asked_for(self) -> datetime | None:
        """The past moment in the address, whether or not this page can show it."""
        return as_of.asked_for(self.request)

    @property
    def as_of(self) -> datetime | None:
        """The past moment that is shown, or None for now."""
        return self.asked_for if self.knows_the_past else None

    def _chosen(self, name: str, known: tuple[str, ...]) -> str:
        account = getattr(self.request, "user", None)
        choice = account.choices.get(name) if account is not None and account.is_authenticated else None
        return choice if choice in known else ""


def frame(request: HttpRequest) -> dict[str, Any]:
    """For every template. `Any`: a template takes what it is given."""
    around = Around(request)
    return {
        "viewer": around.viewer,
        "around": around,
        "nav": lambda: around.nav,
        "house": lambda: around.house,
        "as_of": around.as_of,
    }
