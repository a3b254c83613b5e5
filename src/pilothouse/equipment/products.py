"""Which maker and device model two texts of a device mean: by the shipped names and the aliases the house has learnt."""

from __future__ import annotations

from collections.abc import Iterable

from pilothouse.equipment.makers import MakerNames, Name, load_names
from pilothouse.equipment.model_names import read_model
from pilothouse.equipment.models import DeviceModel, Maker


class Products:
    """Reads maker and model texts to the keys of `Maker` and `DeviceModel`, each distinct pair once."""

    def __init__(self, makers: MakerNames) -> None:
        self._makers = makers
        self._keys: dict[tuple[str, str], tuple[str, str]] = {}
        self._ids: dict[str, int | None] = {}

    def keys(self, maker: str, model: str) -> tuple[str, str]:
        """The maker's key and the model's (`maker|model`); empty where the text names none."""
        asked = (maker, model)
        if asked not in self._keys:
            own = self._makers.resolve(maker) or ""
            name = read_model(model, own, maker)
            self._keys[asked] = (own, f"{own}|{name}" if name else "")
        return self._keys[asked]

    def forget(self) -> None:
        """Ask the register again which models it has."""
        self._ids.clear()

    def model_ids(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int | None]:
        """The device model of each pair of maker and model texts, where the register has it. One query for new keys."""
        asked = {pair: self.keys(*pair)[1] for pair in set(pairs)}
        unknown = sorted({key for key in asked.values() if key and key not in self._ids})
        for start in range(0, len(unknown), 500):
            part = unknown[start : start + 500]
            found = dict(DeviceModel.objects.filter(key__in=part).values_list("key", "id"))
            self._ids.update((key, found.get(key)) for key in part)
        return {pair: self._ids.get(key) if key else None for pair, key in asked.items()}


def products_now() -> Products:
    """By the names that stand: one query for aliases."""
    learnt = [
        Name("maker", alias, key, "same", "", "")
        for key, aliases in Maker.objects.exclude(aliases="").values_list("key", "aliases")
        for alias in aliases.splitlines()
    ]
    return Products(MakerNames.of([*load_names(), *learnt]))
