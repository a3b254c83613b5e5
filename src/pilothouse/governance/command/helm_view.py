"""Moving the helm in the browser: choose who and when, see what changes, confirm."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from pilothouse.core.errors import Conflict, Invalid, NotFound, Stale
from pilothouse.core.permissions import NotAllowed
from pilothouse.governance.command import forms, succession
from pilothouse.governance.command.views import offered, say_wrong
from pilothouse.governance.words import GovernanceError
from pilothouse.kernel.times import as_instant


@require_http_methods(["GET", "POST"])
def helm_move(request: HttpRequest) -> HttpResponse:
    """Without `confirm` what would change is shown; with it, it is done."""
    if not request.viewer.may("edit_chain"):
        raise NotAllowed("You may not move the helm; who edits the whole chain may")
    held, now = succession.helm(), timezone.now()
    form = forms.HelmForm(request.POST or None, initial={"since": held.since})
    outlook, status = None, 200
    if request.method == "POST" and form.is_valid():
        person, start = form.cleaned_data["person"], form.start(as_instant(now))
        try:
            if request.POST.get("confirm"):
                done = succession.succeed(request.viewer, person, at=now, start=start, seen=form.version)
                messages.success(
                    request, f"{done.says}.", extra_tags=reverse("chain_undo", args=[done.revision])
                )
                return redirect("position_page", held.position.pk)
            outlook = succession.outlook(request.viewer, person, start=start, now=as_instant(now))
        except Stale as error:
            form.data = form.data | {"since": str(error.since)}
            form.add_error(None, f"{error}. Look again at who holds it, and send yours if it still fits.")
        except (Invalid, Conflict, NotFound, GovernanceError) as error:
            say_wrong(form, error)
    if form.is_bound and form.errors:
        status = 422
    context = {"form": form, "held": held, "holder": str(held.holder), "office": str(held.position), "outlook": outlook, "since": succession.as_moment(held.start), **offered(form, request.viewer)}  # fmt: skip
    return render(request, "governance/helm_move.html", context, status=status)
