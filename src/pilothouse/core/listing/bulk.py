"""One verb over many chosen rows: the page that says how many it takes and why not the others, then doing it as one revision.

A room names its verbs as `Bulk`s; the list's POST is handed to `bulk_page`, which asks what the verb needs to know, and does it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone

from pilothouse.core.errors import Invalid
from pilothouse.core.listing.asked import read_asked
from pilothouse.core.listing.kinds import Listing, Pieces
from pilothouse.core.listing.showing import chosen_ids
from pilothouse.core.permissions import Viewer
from pilothouse.core.words import count, counted

MOST: Final = 100_000
"""Rows that one verb takes at once."""
NAMED: Final = 8
"""Rows of those that are left out that are named."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Chosen rows that a verb does not take. why: behind their number ("are retired already"); rows: some of them, words and address."""

    number: int
    why: str
    rows: Sequence[tuple[str, str]] = ()

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.number - len(self.rows) if self.rows else 0


@dataclass(frozen=True, slots=True)
class Fitting:
    """Of the chosen rows those the viewer may see: how many there are, which the verb takes, and the others by why not."""

    chosen: int
    ids: Sequence[int]
    left_out: Sequence[LeftOut] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What a verb did to how many rows. undo: the address that takes it back, if there is one."""

    number: int
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Bulk:
    """A verb. title: on its button, `Retire`; done: what the toast says behind the number; hint: a sentence above the form.

    form: what it needs to know; fitting: which rows it takes; do: with what the form holds. `Any`: as a form reads it.
    """

    name: str
    title: str
    done: str
    form: Callable[[Viewer, QueryDict | None], forms.Form]
    fitting: Callable[[Viewer, Sequence[int]], Fitting]
    do: Callable[[Viewer, Sequence[int], Mapping[str, Any], datetime], Done]
    hint: str = ""

    def says(self, fits: Fitting, listing: Listing) -> str:
        """`Retire 2 of 3 devices`."""
        chosen = counted(fits.chosen, listing.noun, listing.plural)
        part = "" if len(fits.ids) == fits.chosen else f"{count(len(fits.ids))} of "
        return f"{self.title} {part}{chosen}"


def few_enough(ids: Sequence[int], noun: str) -> Sequence[int]:
    """The ids, each once and in order; raises Invalid for more than are done at once."""
    if len(ids) > MOST:
        raise Invalid(
            f"{counted(len(ids), noun)} are more than can be changed at once. Narrow the filter to {count(MOST)} or fewer."
        )
    return sorted(set(ids))


def bulk_page(request: HttpRequest, listing: Listing, source: Pieces, bulk: Bulk) -> HttpResponse:
    """Do a verb to the chosen rows, or say what it would do and ask what it needs to know.

    Confirmed with another number than was shown, since the filter finds others meanwhile, it is shown again and nothing is done.
    """
    query = read_asked(listing, request.viewer, request.path, QueryDict(request.POST.get("query", ""))).query
    back = f"{request.path}?{query}" if query else request.path
    fits = bulk.fitting(request.viewer, chosen_ids(request, listing, source))
    confirmed = bool(request.POST.get("confirm")) and bool(fits.ids)
    moved = confirmed and request.POST.get("shown", str(len(fits.ids))) != str(len(fits.ids))
    form = bulk.form(request.viewer, request.POST if confirmed else None)
    if confirmed and not moved and form.is_valid():
        try:
            done = bulk.do(request.viewer, fits.ids, form.cleaned_data, timezone.now())
        except Invalid as error:
            for name, words in (error.fields or {"": str(error)}).items():
                form.add_error(name if name in form.fields else None, words)
        else:
            said = f"{counted(done.number, listing.noun, listing.plural)} {bulk.done}"
            messages.success(request, said, extra_tags=done.undo)
            return HttpResponseRedirect(back)
    context = {
        "bulk": bulk,
        "form": form,
        "ids": fits.ids,
        "left_out": [(counted(one.number, listing.noun, listing.plural), one) for one in fits.left_out],
        "says": bulk.says(fits, listing),
        "plural": listing.plural,
        "all": request.POST.get("all"),
        "query": query,
        "back": back,
        "moved": moved,
    }
    return render(
        request,
        "frame/bulk.html",
        context,
        status=409 if moved else 422 if confirmed and form.errors else 200,
    )
