"""Models and makers with how many devices a viewer sees of each."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from pilothouse.core.errors import NotFound
from pilothouse.core.permissions import Viewer
from pilothouse.equipment.models import DeviceModel, Equipment, Maker


def _devices(viewer: Viewer, **of: Any) -> Coalesce:
    """How many devices the viewer sees, as a part of a query. `Any`: a condition of the ORM."""
    seen = Equipment.objects.filter(viewer.scope("see_equipment").q(), **of).order_by()
    counted = seen.values(*of).annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def device_models(viewer: Viewer) -> QuerySet[DeviceModel]:
    """Every model with its maker and, as `devices`, how many the viewer sees."""
    return DeviceModel.objects.select_related("maker").annotate(
        devices=_devices(viewer, device_model=OuterRef("pk"))
    )


def makers(viewer: Viewer) -> QuerySet[Maker]:
    """Every maker with, as `models`, how many models it has and, as `devices`, how many devices the viewer sees."""
    models = DeviceModel.objects.filter(maker=OuterRef("pk")).order_by().values("maker").annotate(n=Count("*")).values("n")  # fmt: skip
    return Maker.objects.annotate(
        models=Coalesce(Subquery(models, output_field=IntegerField()), Value(0)),
        devices=_devices(viewer, device_model__maker=OuterRef("pk")),
    )


def device_model(viewer: Viewer, model: int) -> DeviceModel:
    """One model. Raises NotFound."""
    found = device_models(viewer).filter(pk=model).first() if viewer.may_somewhere("see_equipment") else None
    if found is None:
        raise NotFound("There is no such model.")
    return found


def maker(viewer: Viewer, record: int) -> Maker:
    """One maker. Raises NotFound."""
    found = makers(viewer).filter(pk=record).first() if viewer.may_somewhere("see_equipment") else None
    if found is None:
        raise NotFound("There is no such maker.")
    return found
