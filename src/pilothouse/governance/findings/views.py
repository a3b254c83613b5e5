"""The pages of findings: the list, one finding, and what is done with it. Every form is a plain one, and answers with the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from pilothouse.core.as_of import as_of
from pilothouse.core.errors import Conflict, Invalid, NotFound, Stale
from pilothouse.core.listing import bulk_page, show
from pilothouse.core.words import counted
from pilothouse.governance.findings import forms, many, working
from pilothouse.governance.findings.bulk import BULKS, buttons_for
from pilothouse.governance.findings.lists import FindingIds, FindingRows
from pilothouse.governance.findings.owners import catch_up
from pilothouse.governance.findings.page import finding_page as read_page
from pilothouse.governance.findings.page import owner_card


def finding_list(request: HttpRequest) -> HttpResponse:
    """What has to be decided, by whom, until when."""
    now, past = timezone.now(), as_of(request)
    if past is None and request.method != "POST":
        catch_up(now)
    rows = FindingRows(request.viewer, now, past)
    if (bulk := BULKS.get(request.POST.get("do", ""))) is not None:
        return bulk_page(request, rows.listing, FindingIds(rows), bulk)
    rows.listing = replace(rows.listing, verbs=buttons_for(request.GET.getlist("state")))
    return show(request, rows.listing, rows, "governance/finding_list.html")


@require_safe
def finding_page(request: HttpRequest, finding: int) -> HttpResponse:
    """One finding."""
    return _page(request, finding)


@require_safe
def finding_owner(request: HttpRequest, finding: int) -> HttpResponse:
    """The owner's card, which `card.js` shows beside the owner."""
    try:
        card = owner_card(request.viewer, finding, timezone.now(), as_of(request))
    except NotFound:
        raise Http404 from None
    return render(request, "governance/finding/owner.html", {"card": card})


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done by a form. does: the action; told: what the toast says; undo: whether it can be taken back. `Any`: as it takes."""

    form: type[forms.FindingForm]
    does: Callable[..., int]
    told: str
    undo: bool = True


DEEDS: Final[Mapping[str, Deed]] = {
    "assign": Deed(forms.AssignForm, working.assign, "Handed over"),
    "hand-back": Deed(forms.HandBackForm, working.hand_back, "Handed back to whom the chain names"),
    "comment": Deed(forms.CommentForm, working.comment, "Comment added"),
    "snooze": Deed(forms.SnoozeForm, working.snooze, "Snoozed; the clock stands still"),
    "wake": Deed(forms.WakeForm, working.wake_finding, "Taken up again; the clock runs"),
    "resolve": Deed(forms.ResolveForm, working.resolve, "Resolved"),
    "reopen": Deed(forms.ReopenForm, working.reopen, "Open again"),
    "severity": Deed(forms.SeverityForm, working.change_severity, "Severity changed"),
}


@require_POST
def finding_act(request: HttpRequest, finding: int, deed: str) -> HttpResponse:
    """Do what a form asks; when it cannot be, the page comes back with what was typed and why."""
    doing = DEEDS.get(deed)
    if doing is None:
        raise Http404
    form = doing.form(request.POST)
    if not form.is_valid():
        return _page(request, finding, {deed: form}, 422)
    values = form.values()
    seen = values.pop("seen", None)
    if deed != "comment":
        values["seen"] = seen
    try:
        done = doing.does(request.viewer, finding, at=timezone.now(), **values)
    except NotFound:
        raise Http404 from None
    except Invalid as error:
        for name, words in (error.fields or {"": str(error)}).items():
            form.add_error(name if name in form.fields else None, words)
        return _page(request, finding, {deed: form}, 422)
    except (Stale, Conflict) as error:
        if isinstance(error, Stale):
            form.data = form.data.copy()
            form.data["seen"] = str(error.since)
        return _page(request, finding, {deed: form}, 409, str(error))
    undo = reverse("finding_note_undo" if deed == "comment" else "finding_undo", args=[finding, done])
    messages.success(request, doing.told, extra_tags=undo)
    return HttpResponseRedirect(reverse("finding_page", args=[finding]))


@require_POST
def finding_undo(request: HttpRequest, finding: int, revision: int) -> HttpResponse:
    """Take back what one did."""
    try:
        working.undo(request.viewer, finding, revision=revision, at=timezone.now())
        messages.success(request, "Undone")
    except NotFound:
        raise Http404 from None
    except Conflict as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("finding_page", args=[finding]))


@require_POST
def findings_undo(request: HttpRequest, revision: int) -> HttpResponse:
    """Take back what one did to many."""
    try:
        undone = many.undo(request.viewer, revision=revision, at=timezone.now())
    except NotFound:
        raise Http404 from None
    except Conflict as error:
        messages.error(request, str(error))
    else:
        left = f"; {counted(undone.kept, 'other')} changed since and stay as they are" if undone.kept else ""
        messages.success(request, f"Undone{left}")
    return HttpResponseRedirect(reverse("finding_list"))


@require_POST
def finding_note_undo(request: HttpRequest, finding: int, note: int) -> HttpResponse:
    """Take back one's own comment."""
    try:
        working.take_back_comment(request.viewer, note, at=timezone.now())
    except NotFound:
        raise Http404 from None
    messages.success(request, "Comment taken back")
    return HttpResponseRedirect(reverse("finding_page", args=[finding]))


def _page(
    request: HttpRequest,
    finding: int,
    sent: Mapping[str, forms.FindingForm] | None = None,
    status: int = 200,
    refused: str = "",
) -> HttpResponse:
    """The page, with forms as they were sent. A form is open when it came back; refused: why, above what was typed."""
    try:
        page = read_page(request.viewer, finding, timezone.now(), as_of(request) if sent is None else None)
    except NotFound:
        raise Http404 from None
    fresh: dict[str, Any] = {
        name.replace("-", "_"): (sent or {}).get(name)
        or deed.form(initial={"seen": page.line.since, "severity": page.line.severity})
        for name, deed in DEEDS.items()
    }
    context = {
        "page": page,
        "line": page.line,
        "forms": fresh,
        "opened": {name.replace("-", "_"): True for name in sent or ()},
        "refused": refused,
        "typed": [text for form in (sent or {}).values() for text in form.typed()] if refused else (),
    }
    return render(request, "governance/finding.html", context, status=status)
