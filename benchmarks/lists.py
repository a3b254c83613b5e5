"""Two plain lists of one fleet, for timing linkage apart from reading and from the worlds of the demo."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pyarrow as pa

MODELS = [(f"maker{m}", f"model {m}{k}0") for m in range(25) for k in range(6)]


def two_lists(rows: int, seed: int = 1, overlap: float = 0.8) -> tuple[pa.Table, pa.Table]:
    """A CMMS list and a network list of `rows` rows each, of which the share `overlap` is of the same devices.

    Columns of both, all strings: row, device (the truth), serial, mac, tag, host, maker, model, ip. A tenth of
    the serials and a third of the CMMS' MACs are missing, 3 % of the serials have one wrong digit.
    """
    rng = random.Random(seed)
    left, right = [], []
    shift = int(rows * (1 - overlap))
    for device in range(rows + shift):
        maker, model = MODELS[rng.randrange(len(MODELS))]
        serial, mac, tag = (
            f"{maker[-1]}{rng.randrange(10**8):08d}",
            f"0009fb{device:06x}",
            f"A{100000 + device}",
        )
        ip = f"10.{device >> 16 & 255}.{device >> 8 & 255}.{device & 255}"
        if device < rows:
            left.append((str(device), str(device), serial, mac if rng.random() < 0.67 else None, tag, None, maker, model, None))  # fmt: skip
        if device >= shift:
            slipped = serial[:-1] + str(rng.randrange(10)) if rng.random() < 0.03 else serial
            known = slipped if rng.random() < 0.9 else None
            host = f"dev-{tag}".lower() if rng.random() < 0.3 else f"host{device}"
            right.append((str(device), str(device), known, mac, None, host, maker, model, ip))
    names = ("row", "device", "serial", "mac", "tag", "host", "maker", "model", "ip")
    return _table(left, names), _table(right, names)


def _table(rows: Sequence[tuple[str | None, ...]], names: tuple[str, ...]) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table(
        {name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}
    )
