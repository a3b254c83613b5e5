"""What is kept of a list: its views under their names, and each person's columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
    QueryDict,
)

from pilothouse.core.listing.asked import Asked, read_asked
from pilothouse.core.listing.kinds import Listing
from pilothouse.core.models import Account, SavedView
from pilothouse.core.permissions import NotAllowed

LONGEST_NAME = 80
MOST_VIEWS = 100
"""Views of one person and list."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A view as a list names it. id: of a saved one; mine: the viewer may rename and delete it."""

    name: str
    url: str
    current: bool
    id: int | None = None
    shared: bool = False
    mine: bool = False


def shown(account: Account, asked: Asked) -> list[Shown]:
    """The list's own views, those shared, and the account's: one query."""
    listing = asked.listing
    own = [Shown(view.name, _url(asked, view.query), _same(asked, view.query)) for view in listing.views]
    rows = SavedView.objects.filter(Q(account=account) | Q(account=None), list=listing.key).order_by(
        "place", "name", "id"
    )
    may_share = asked.viewer.may_somewhere("share_views")
    return own + [
        Shown(
            row.name,
            _url(asked, row.query),
            _same(asked, row.query),
            row.pk,
            row.account_id is None,
            row.account_id is not None or may_share,
        )
        for row in rows
    ]


def _url(asked: Asked, query: str) -> str:
    pairs = parse_qsl(query)
    if asked.as_of_text:
        pairs.append(("as_of", asked.as_of_text))
    return f"{asked.path}?{urlencode(pairs)}" if pairs else asked.path


def _same(asked: Asked, query: str) -> bool:
    return sorted(parse_qsl(asked.query)) == sorted(parse_qsl(query))


def kept(request: HttpRequest, listing: Listing) -> HttpResponse:
    """Do what a form of the list's panels asks, and go back to the list."""
    does = _DOES.get(request.POST.get("do", ""))
    if does is None:
        return HttpResponseBadRequest("This form is not known here")
    query = does(request, listing)
    return HttpResponseRedirect(f"{request.path}?{query}" if query else request.path)


def _query(request: HttpRequest, listing: Listing) -> str:
    """The view a form was sent from, made sound."""
    return read_asked(
        listing, request.viewer, request.path, QueryDict(request.POST.get("query", "")[:8_000])
    ).query


def _columns(request: HttpRequest, listing: Listing) -> str:
    chosen = [name for name in request.POST.getlist("column") if name in listing.by_name]
    lists = dict(request.user.choices.get("lists", {}))
    if not chosen or request.POST.get("reset") or tuple(chosen) == listing.shown:
        lists.pop(listing.key, None)
    else:
        lists[listing.key] = chosen
    request.user.choices = {**request.user.choices, "lists": lists}
    request.user.save(update_fields=["choices"])
    return _query(request, listing)


def _density(request: HttpRequest, listing: Listing) -> str:
    told = request.POST.get("density", "")
    request.user.choices = {
        **request.user.choices,
        "density": told if told in ("dense", "roomy") else "normal",
    }
    request.user.save(update_fields=["choices"])
    return _query(request, listing)


def _save(request: HttpRequest, listing: Listing) -> str:
    query, name = _query(request, listing), _name(request)
    account = None if request.POST.get("shared") else request.user
    if account is None:
        _need_share(request)
    if not name:
        messages.error(request, "A view needs a name. Type one and save again.")
    elif not _free(listing, name, account):
        messages.error(
            request, f"There is a view {name} already. Type another name, or delete that one first."
        )
    elif SavedView.objects.filter(list=listing.key, account=account).count() >= MOST_VIEWS:
        messages.error(request, f"There are {MOST_VIEWS} views already. Delete one first.")
    else:
        SavedView.objects.create(list=listing.key, name=name, query=query, account=account)
        messages.success(request, f"Saved as {name}")
    return query


def _rename(request: HttpRequest, listing: Listing) -> str:
    view, name = _view(request, listing), _name(request)
    if not name:
        messages.error(request, "A view needs a name. Type one and save again.")
    elif not _free(listing, name, view.account, view.pk):
        messages.error(request, f"There is a view {name} already. Type another name.")
    else:
        SavedView.objects.filter(pk=view.pk).update(name=name)
        messages.success(request, f"{view.name} is now called {name}")
    return _query(request, listing)


def _replace(request: HttpRequest, listing: Listing) -> str:
    view, query = _view(request, listing), _query(request, listing)
    SavedView.objects.filter(pk=view.pk).update(query=query)
    messages.success(request, f"{view.name} now shows what you see")
    return query


def _share(request: HttpRequest, listing: Listing) -> str:
    view = _view(request, listing)
    _need_share(request)
    account = request.user if view.account_id is None else None
    if not _free(listing, view.name, account, view.pk):
        messages.error(request, f"There is a view {view.name} already. Rename this one first.")
    else:
        SavedView.objects.filter(pk=view.pk).update(account=account)
        messages.success(
            request, f"{view.name} is {'now for everybody' if account is None else 'yours alone again'}"
        )
    return _query(request, listing)


def _delete(request: HttpRequest, listing: Listing) -> str:
    view = _view(request, listing)
    SavedView.objects.filter(pk=view.pk).delete()
    messages.success(request, f"{view.name} is deleted")
    return _query(request, listing)


def _view(request: HttpRequest, listing: Listing) -> SavedView:
    """The view a form names; one that is somebody else's is not there."""
    number = request.POST.get("view", "")
    if not number.isdecimal() or len(number) > 18:
        raise Http404
    view = SavedView.objects.filter(
        Q(account=request.user) | Q(account=None), list=listing.key, pk=int(number)
    ).first()
    if view is None:
        raise Http404
    if view.account_id is None:
        _need_share(request)
    return view


def _need_share(request: HttpRequest) -> None:
    if not request.viewer.may_somewhere("share_views"):
        raise NotAllowed("You may not change views that everybody sees")


def _name(request: HttpRequest) -> str:
    return " ".join(request.POST.get("name", "").replace("\0", "").split())[:LONGEST_NAME]


def _free(listing: Listing, name: str, account: Account | None, besides: int | None = None) -> bool:
    return (
        not SavedView.objects.filter(list=listing.key, name=name, account=account)
        .exclude(pk=besides)
        .exists()
    )


_DOES: dict[str, Callable[[HttpRequest, Listing], str]] = {
    "columns": _columns,
    "density": _density,
    "save_view": _save,
    "rename_view": _rename,
    "replace_view": _replace,
    "share_view": _share,
    "delete_view": _delete,
}
