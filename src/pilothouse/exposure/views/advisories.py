"""Advisories: the list, one advisory, the devices it names, and where advisories come from."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.core.as_of import as_of
from pilothouse.core.listing import Rows, show
from pilothouse.core.permissions import Viewer, need
from pilothouse.exposure.actions.syncing import ask_for_sync, known_feeds, upload
from pilothouse.exposure.lists import ADVISORIES, DEVICES
from pilothouse.exposure.models import Advisory, Matched
from pilothouse.exposure.reads import advisories as reads
from pilothouse.exposure.reads.past import PastAdvisories, past_page

_FEEDS = {"csaf": "Advisories (CSAF)", "kev": "Known exploited (KEV)", "epss": "Probability (EPSS)"}


def _need_look(viewer: Viewer) -> None:
    """Who may see no advisory anywhere learns nothing of the pages."""
    if not reads.may_look(viewer):
        raise Http404


@require_http_methods(["GET", "POST"])
def advisory_list(request: HttpRequest) -> HttpResponse:
    """Every advisory, those that touch the most devices first."""
    _need_look(request.viewer)
    moment = as_of(request)
    if moment is not None:
        source = PastAdvisories(ADVISORIES, request.viewer, moment)
        return show(request, ADVISORIES, source, "exposure/advisories.html", title="Advisories")
    rows = reads.AdvisoryRows(ADVISORIES, reads.advisories(request.viewer))
    return show(
        request, ADVISORIES, rows, "exposure/advisories.html", title="Advisories", numbers=reads.numbers(request.viewer),
        may_sync=request.viewer.may("sync_advisories"), online=settings.FEEDS_ONLINE, matched=Matched.objects.first(),
    )  # fmt: skip


@require_GET
def advisory_page(request: HttpRequest, number: int) -> HttpResponse:
    """What an advisory says, and which devices here it touches."""
    _need_look(request.viewer)
    moment = as_of(request)
    try:
        page = reads.advisory_page(request.viewer, number) if moment is None else past_page(request.viewer, number, moment)  # fmt: skip
    except Advisory.DoesNotExist:
        raise Http404 from None
    return render(request, "exposure/advisory.html", {"page": page})


@require_http_methods(["GET", "POST"])
def advisory_devices(request: HttpRequest, number: int) -> HttpResponse:
    """Each device that an advisory names, with the answer and its reason; of a past day the advisory's page shows the kinds."""
    _need_look(request.viewer)
    if as_of(request) is not None:
        return redirect(f"{reverse('advisory_page', args=[number])}?{request.GET.urlencode()}")
    advisory = Advisory.objects.filter(pk=number).first()
    if advisory is None:
        raise Http404
    rows = Rows(DEVICES, reads.devices_of(request.viewer, number))
    return show(request, DEVICES, rows, "exposure/devices.html", title=f"Devices named by {advisory.tracking}", advisory=advisory)  # fmt: skip


@require_http_methods(["GET", "POST"])
def feed_page(request: HttpRequest) -> HttpResponse:
    """Where advisories come from; a file that is sent here is taken by a job."""
    _need_look(request.viewer)
    if request.method == "POST":
        need(request.viewer, "sync_advisories")
        file = request.FILES.get("file")
        if file is None:
            messages.error(request, "Choose a file first: CSAF, KEV or EPSS, or an archive of them.")
            return redirect("feed_page")
        job = upload(file.name, file.chunks(), by=request.viewer, at=timezone.now())
        messages.success(request, f"{file.name} is being read")
        return redirect(f"/jobs/{job.pk}/")
    named = [(_FEEDS[one.key.split()[0]], one.url, one) for one in known_feeds()]
    return render(request, "exposure/feeds.html", {"feeds": named, "online": settings.FEEDS_ONLINE, "may_sync": request.viewer.may("sync_advisories")})  # fmt: skip


@require_POST
def sync_now(request: HttpRequest) -> HttpResponse:
    """Ask the official addresses now."""
    _need_look(request.viewer)
    job = ask_for_sync(by=request.viewer, at=timezone.now())
    return redirect(f"/jobs/{job.pk}/")
