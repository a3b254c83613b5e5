"""The addresses of the room."""

from __future__ import annotations

from django.urls import path

from pilothouse.equipment.views import changing, device, lists, products, rooms

urlpatterns = [
    path("equipment/", lists.equipment_list, name="equipment_list"),
    path("places/", lists.place_list, name="place_list"),
    path("equipment/new/", changing.new, name="equipment_new"),
    path("equipment/undo/<int:revision>/", changing.undo, name="equipment_undo"),
    path("equipment/<int:record>/", device.page, name="equipment_page"),
    path("equipment/<int:record>/history/", device.history, name="equipment_history"),
    path("equipment/<int:record>/label/", device.label, name="equipment_label"),
    path("equipment/<int:record>/edit/", changing.edit, name="equipment_edit"),
    path("equipment/<int:record>/merge/", changing.merge, name="equipment_merge"),
    path("equipment/<int:record>/split/", changing.split, name="equipment_split"),
    path("equipment/<int:record>/retire/", changing.retire, name="equipment_retire"),
    path("rooms/", rooms.room_list, name="room_list"),
    path("rooms/new/", rooms.room_new, name="room_new"),
    path("rooms/<int:record>/", rooms.room_page, name="room_page"),
    path("rooms/<int:record>/close/", rooms.room_close, name="room_close"),
    path("models/", products.model_list, name="model_list"),
    path("models/<int:record>/", products.model_page, name="model_page"),
    path("makers/", products.maker_list, name="maker_list"),
    path("makers/<int:record>/", products.maker_page, name="maker_page"),
    path("makers/<int:record>/merge/", products.merge_makers, name="maker_merge"),
]
