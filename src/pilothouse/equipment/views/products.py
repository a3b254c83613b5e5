"""Models and makers: what the devices of the house are, and who makes them."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pilothouse.core.errors import Invalid, NotFound
from pilothouse.core.listing import Column, Filter, Listing, Rows, View, link, show, soft
from pilothouse.core.navigation import address
from pilothouse.core.words import count, counted
from pilothouse.equipment import actions
from pilothouse.equipment.forms import MakerForm, ModelForm, numbers
from pilothouse.equipment.models import Maker
from pilothouse.equipment.reads import products
from pilothouse.equipment.reads.page import day_words

MODELS = Listing(
    key="models",
    noun="model",
    plural="models",
    sort="name",
    columns=(
        Column("name", "Model", lambda row: link(reverse("model_page", args=[row.pk]), row.name), sort="name", text=lambda row: row.name, head=True, fold="top"),
        Column("maker", "Maker", lambda row: link(reverse("maker_page", args=[row.maker_id]), row.maker.name) if row.maker else soft("unknown"), sort="maker__name", text=lambda row: row.maker.name if row.maker else "", fold="row"),
        Column("category", "Category", lambda row: row.category or soft("unknown"), sort="category", text=lambda row: row.category, fold="row"),
        Column("software", "Software", lambda row: row.software or soft("unknown"), sort="software", text=lambda row: row.software),
        Column("support", "Supported until", lambda row: day_words(row.support_until) or soft("unknown"), sort="support_until", text=lambda row: row.support_until, fit=True),
        Column("product_code", "FDA code", lambda row: row.product_code or soft("unknown"), sort="product_code", text=lambda row: row.product_code, kind="code", fit=True),
        Column("devices", "Devices", lambda row: _devices(row.pk, row.devices), sort="devices", text=lambda row: row.devices, kind="num", fold="end"),
    ),
    filters=(
        Filter("maker", "Maker", where=lambda values: Q(maker_id__in=numbers(values)), options=lambda viewer: [(str(pk), name) for pk, name in Maker.objects.order_by("name").values_list("pk", "name")]),
        Filter("category", "Category", kind="text", field="category"),
        Filter("support", "Supported until", kind="span", field="support_until", where=lambda span: _support(*span), input="date"),
    ),
    search=("name", "maker__name", "maker__aliases", "category", "product_code", "identifiers"),
    search_hint="Model, maker, category, FDA code or UDI",
    views=(View("All models", ""),),
    first="Models appear by themselves when devices are imported.",
)  # fmt: skip
MAKERS = Listing(
    key="makers",
    noun="maker",
    plural="makers",
    sort="name",
    columns=(
        Column("name", "Maker", lambda row: link(reverse("maker_page", args=[row.pk]), row.name), sort="name", text=lambda row: row.name, head=True, fold="top"),
        Column("aliases", "Also called", lambda row: ", ".join(row.aliases.splitlines()) or soft("nothing else"), text=lambda row: ", ".join(row.aliases.splitlines()), fold="row"),
        Column("models", "Models", lambda row: link(f"{reverse('model_list')}?maker={row.pk}", count(row.models)), sort="models", text=lambda row: row.models, kind="num", fold="row"),
        Column("devices", "Devices", lambda row: count(row.devices), sort="devices", text=lambda row: row.devices, kind="num", fold="end"),
    ),
    search=("name", "aliases"),
    search_hint="Name or another spelling",
    views=(View("All makers", ""),),
    first="Makers appear by themselves when devices are imported.",
)  # fmt: skip


def _devices(model: int, devices: int) -> str:
    url = address("equipment_list")
    return link(f"{url}?model={model}", count(devices)) if url and devices else count(devices)


def _support(first: str, last: str) -> Q:
    """Supported until a day between two; unknown is none of them."""
    fits = ~Q(support_until="")
    if first:
        fits &= Q(support_until__gte=first)
    return fits & Q(support_until__lte=last) if last else fits


def _may_look(request: HttpRequest) -> None:
    if not request.viewer.may_somewhere("see_equipment"):
        raise NotFound("There is nothing here for your role.")


@require_safe
def model_list(request: HttpRequest) -> HttpResponse:
    """Every model the register knows."""
    _may_look(request)
    return show(request, MODELS, Rows(MODELS, products.device_models(request.viewer)), title="Models", said="what the devices of the house are; found in their sources, put right here")  # fmt: skip


@require_safe
def maker_list(request: HttpRequest) -> HttpResponse:
    """Every maker, with its other spellings."""
    _may_look(request)
    return show(request, MAKERS, Rows(MAKERS, products.makers(request.viewer)), title="Makers", said="spellings and former names of one maker stand together")  # fmt: skip


@require_http_methods(["GET", "POST"])
def model_page(request: HttpRequest, record: int) -> HttpResponse:
    """One model: what it is, and how many devices are of it."""
    model = products.device_model(request.viewer, record)
    initial = {name: getattr(model, name) for name in actions.MODEL_FIELDS}
    form = ModelForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_model(record, form.cleaned_data, by=request.viewer, at=timezone.now())
        except Invalid as error:
            for name, message in error.fields.items():
                form.add_error(name, message)
        else:
            messages.success(request, "Saved")
            return redirect("model_page", record)
    context = {
        "model": model,
        "form": form,
        "may_edit": request.viewer.may("edit_models"),
        "support": day_words(model.support_until),
        "devices": counted(model.devices, "device"),
        "list_url": address("equipment_list"),
    }
    return render(request, "equipment/model.html", context)


@require_http_methods(["GET", "POST"])
def maker_page(request: HttpRequest, record: int) -> HttpResponse:
    """One maker: its names, its models, and whom it might be merged with."""
    maker = products.maker(request.viewer, record)
    form = MakerForm(request.POST or None, initial={"name": maker.name})
    if request.method == "POST" and form.is_valid():
        actions.edit_maker(record, form.cleaned_data["name"], by=request.viewer, at=timezone.now())
        messages.success(request, "Saved")
        return redirect("maker_page", record)
    text = request.GET.get("q", "").strip()[:100]
    others = products.makers(request.viewer).filter(name__icontains=text).exclude(pk=record).order_by("name")[:20] if text else []  # fmt: skip
    models = products.device_models(request.viewer).filter(maker=record).order_by("name", "pk")[:100]
    context = {"maker": maker, "form": form, "models": models, "may_edit": request.viewer.may("edit_models"), "text": text, "others": others}  # fmt: skip
    return render(request, "equipment/maker.html", context)


@require_POST
def merge_makers(request: HttpRequest, record: int) -> HttpResponse:
    """Another spelling is this maker."""
    products.maker(request.viewer, record)
    chosen = numbers([request.POST.get("other", "")])
    if not chosen:
        raise NotFound("There is no such maker.")
    changed = actions.merge_makers(record, chosen[0], by=request.viewer, at=timezone.now())
    messages.success(request, f"Merged; {counted(changed, 'device')} of another model now")
    return redirect("maker_page", record)
