"""Where a form leads when it is done: back to a page of ours that it names, and nowhere else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To the page that the form names as `next`, if it is an address of this server. otherwise: the name of a page."""
    target = request.POST.get("next", "")
    ours = target.startswith("/") and target.isprintable()
    if ours and url_has_allowed_host_and_scheme(
        target, {request.get_host()}, require_https=request.is_secure()
    ):
        return HttpResponseRedirect(target)
    return HttpResponseRedirect(reverse(otherwise))
