"""The audit log: its entries, and what each wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.core import drawing
from pilothouse.core.jobs import enqueue
from pilothouse.core.listing import Asked, Column, Filter, Listing, Page, Rows, View, link, show, soft
from pilothouse.core.models import Person, Revision
from pilothouse.core.permissions import need
from pilothouse.core.reads import audit as reads


def _verb(row: Revision) -> str:
    return str(row.verb).replace("_", " ").capitalize()


def _by(row: Revision) -> str:
    return str(row.by) if row.by else "the house"


def _subject(row: Any) -> str:
    """`Any`: an entry with the title of its subject."""
    text, url = row.titled
    return link(url, text) if url else text or soft("none")


class Entries(Rows):
    """The entries of a page, each with what its subject is called: one read more for each room."""

    def page(self, asked: Asked) -> Page:
        """The page that is asked for."""
        found = super().page(asked)
        _title(found.rows)
        return found

    def chunks(self, asked: Asked) -> Iterator[Sequence[Any]]:
        """All of them. `Any`: see Row."""
        for rows in super().chunks(asked):
            _title(rows)
            yield rows


def _title(rows: Sequence[Any]) -> None:
    titles = reads.subject_titles(str(row.subject) for row in rows if row.subject)
    for row in rows:
        row.titled = titles.get(row.subject, (row.subject, ""))


AUDIT = Listing(
    key="audit", noun="entry", plural="entries", sort="-number",
    columns=(
        Column("verb", "What", lambda row: link(reverse("audit_entry", args=[row.pk]), _verb(row)), text=lambda row: row.verb, head=True, fold="top", fit=True),
        Column("number", "Entry", lambda row: f"{row.pk:,}", text=lambda row: row.pk, sort="id", kind="num", fold="end", fit=True),
        Column("at", "When", lambda row: drawing.when(timezone.localtime(row.at), timezone.localtime()), text=lambda row: row.at, fold="row", fit=True),
        Column("by", "Who", _by, fold="row", fit=True),
        Column("subject", "About", _subject, text=lambda row: row.titled[0], fold="row"),
        Column("rows", "Rows", lambda row: f"{row.rows:,}", text=lambda row: row.rows, kind="num", fit=True),
        Column("note", "Note", lambda row: row.note, fold="hide"),
        Column("subject_id", "Subject", lambda row: row.subject, kind="code", shown=False),
        Column("seal", "Seal", lambda row: format_html('<span class="code">{}…</span>', row.seal[:12]), text=lambda row: row.seal, kind="code", shown=False),
    ),
    filters=(
        Filter("by", "Who", where=lambda values: _by_whom(values), options=lambda viewer: _actors(), words=lambda viewer, values: _called(values)),
        Filter("verb", "What", field="verb", options=lambda viewer: [(verb, verb.replace("_", " ")) for verb in Revision.objects.order_by("verb").values_list("verb", flat=True).distinct()]),
        Filter("subject", "About", kind="text", where=lambda values: Q(subject=values[0]) | Q(subject__startswith=f"{values[0]}:")),
        Filter("at", "Day", kind="span", field="at", input="date", moment=True),
    ),
    search=("note",), search_hint="Search in notes",
    views=(View("Everything", ""), View("By the house", "by=house"), View("People and roles", "subject=person")),
    first="Nothing was written yet.",
)  # fmt: skip


def _numbers(values: Sequence[str]) -> list[int]:
    return [int(value) for value in values if value.isdecimal() and len(value) < 19]


def _by_whom(values: Sequence[str]) -> Q:
    return Q(by__in=_numbers(values)) | (Q(by=None) if "house" in values else Q(pk__in=[]))


def _actors() -> list[tuple[str, str]]:
    """Who ever wrote something."""
    ids = Revision.objects.exclude(by=None).order_by().values_list("by", flat=True).distinct()
    return [("house", "the house"), *_called([str(one) for one in ids]).items()]


def _called(values: Sequence[str]) -> dict[str, str]:
    found = Person.objects.filter(pk__in=_numbers(values)).order_by("name")
    known = {str(one.pk): str(one) for one in found}
    return known | ({"house": "the house"} if "house" in values else {})


@require_http_methods(["GET", "POST"])
def audit_log(request: HttpRequest) -> HttpResponse:
    """The entries that the viewer may see, the newest first."""
    rows: QuerySet[Revision] = reads.entries(request.viewer, request.GET.get("subject", "")[:100])
    whole = request.viewer.may("see_audit")
    context = {"state": reads.verified() if whole else None, "whole": whole}
    if context["state"] is not None:
        context["walked_at"] = datetime.fromisoformat(context["state"].at)
    return show(request, AUDIT, Entries(AUDIT, rows), "core/audit.html", **context)


@require_GET
def audit_entry(request: HttpRequest, number: int) -> HttpResponse:
    """One entry with the rows it wrote."""
    entry = reads.entry_of(request.viewer, number)
    titled = reads.subject_titles([str(entry.subject)]).get(str(entry.subject), (entry.subject, ""))
    told = reads.what_it_wrote(request.viewer, entry)
    context = {
        "entry": entry,
        "verb": _verb(entry),
        "by": _by(entry),
        "titled": titled,
        "told": told,
        "whole": request.viewer.may("see_audit"),
    }
    return render(request, "core/audit_entry.html", context)


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Walk the whole log now, in the background."""
    need(request.viewer, "see_audit")
    one = enqueue("verify_log", by=request.viewer.person, at=timezone.now(), key="verify_log")
    return redirect("job_page", one.pk)
