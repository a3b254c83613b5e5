"""Files: put to a subject, downloaded, taken away."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from pilothouse.core import attachments
from pilothouse.core.errors import Invalid, NotFound
from pilothouse.core.going import back


@require_POST
def attach(request: HttpRequest) -> HttpResponse:
    """Take a file for the subject that the form names."""
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("Choose a file first", {"file": "No file was sent."})
    one = attachments.attach(
        request.POST.get("subject", "")[:100],
        by=request.viewer,
        at=timezone.now(),
        name=file.name,
        content=file,
    )
    messages.success(request, f"{one.name} is kept.")
    return back(request, "helm")


@require_safe
def download(request: HttpRequest, number: int) -> HttpResponse:
    """Give a file out as a download, whatever it is; never to be shown as a page of ours."""
    one = attachments.attachment(request.viewer, number)
    try:
        stream = attachments.file_of(one).open("rb")
    except FileNotFoundError:
        raise NotFound("The file is missing on the server; the operator's check names it") from None
    answer = FileResponse(
        stream, as_attachment=True, filename=str(one.name), content_type="application/octet-stream"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Take a file away; its record stays."""
    one = attachments.remove(number, by=request.viewer, at=timezone.now())
    messages.success(request, f"{one.name} is taken away; the log keeps that it was here.")
    return back(request, "helm")
