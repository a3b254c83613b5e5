"""What `expose` costs and how right it is: 100,000 devices against every CISA advisory, and the labelled cases.

The devices are of 1,500 products of the catalogue, named in several ways as inventories name them; a part bears names
that no advisory knows, and every hundredth description is unlike any other. Runs in a process of its own, so that the
peak memory is that of this command alone.
"""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from pilothouse.exposure.advisories import Catalogue
from pilothouse.kernel.progress import Silent

DEVICES = 100_000
CASES = sorted((Path(__file__).parents[1] / "tests" / "exposure" / "cases").glob("exposure_cases*.csv"))
UNKNOWN = (("Acme Biomedical", "Nimbus 300", "Infusion pump"), ("Orion Labs", "LX-7", "Analyzer"), ("Philips", "Sonicare 2100", "Toothbrush"))  # fmt: skip


def bench() -> list[tuple[str, str, str]]:
    """What was measured, the figure and its bar."""
    folder = public_data()
    if not folder.exists():
        return [("expose", f"the public data is not at {folder}", "PILOTHOUSE_DATA names it")]
    run = subprocess.run([sys.executable, "-m", "benchmarks.expose", str(folder)], capture_output=True, text=True, check=True)  # fmt: skip
    found = json.loads(run.stdout.splitlines()[-1])
    return [
        (f"expose: {DEVICES:,} devices, {found['advisories']:,} advisories, {found['lines']:,} lines: all", f"{found['total']:.1f} s", "5 s"),
        ("expose: reading the advisories", f"{found['advisories_s']:.2f} s", ""),
        ("expose: reading the devices", f"{found['devices_s']:.2f} s", ""),
        ("expose: sorting the products of the makers in the list", f"{found['shelves_s']:.2f} s", ""),
        (f"expose: matching ({found['namings']:,} distinct namings)", f"{found['matching_s']:.2f} s", "1 s"),
        ("expose: writing the answer", f"{found['writing_s']:.2f} s", ""),
        ("expose: peak memory", f"{found['peak_mb']:,.0f} MB", "1,000 MB"),
        (f"expose: {found['cases']} labelled cases, recall of affected", f"{found['recall']:.4f}", "0.99"),
        ("expose: labelled cases, precision of affected", f"{found['precision']:.4f}", "0.99"),
        ("expose: labelled cases, unknown versions that matter called possible", f"{found['possible']:.4f}", "1"),
    ]  # fmt: skip


def public_data() -> Path:
    """The folder of public data: PILOTHOUSE_DATA, else `shared/data` beside the checkout."""
    named = os.environ.get("PILOTHOUSE_DATA")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"


def write_devices(catalogue: Catalogue, path: Path, count: int = DEVICES, seed: int = 11, products: int = 1500) -> None:  # fmt: skip
    """An inventory whose devices are named like the catalogue's products, nine in ten of them medical."""
    dice = random.Random(seed)
    leaves = [
        (advisory.id.startswith("ICSMA"), leaf)
        for advisory in catalogue.advisories
        for leaf in advisory.leaves
    ]
    pools = {medical: [leaf for kind, leaf in leaves if kind == medical] for medical in (True, False)}
    owned = [dice.choice(pools[dice.random() < 0.9]) for _ in range(products)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(
            ["Asset Tag", "Manufacturer", "Model", "Description", "Firmware Version", "Serial Number"]
        )
        for number in range(count):
            leaf = dice.choice(owned)
            maker, model, name = leaf.vendor, leaf.product, ""
            if dice.random() < 0.3:
                maker, model, name = dice.choice(UNKNOWN)
            elif dice.random() < 0.5:
                first, _, rest = model.partition(" ")
                model, name = (rest, first) if rest else (first, "")
            if dice.random() < 0.01:
                name = f"{name} bay {dice.randrange(10**6)}".strip()
            firmware = f"{dice.randrange(1, 14)}.{dice.randrange(40)}.{dice.randrange(10)}" if dice.random() < 0.7 else ""  # fmt: skip
            spelling = dice.choice((str.upper, str.title, str))
            rows.writerow([f"A{number:06}", spelling(maker), model, name, firmware, f"S{number * 7919}"])


class Steps(Silent):
    """Remembers when each step of a job began."""

    def __init__(self) -> None:
        self.began: dict[str, float] = {}

    def step(self, text: str, total: int | None = None) -> None:
        self.began[text] = time.perf_counter()


def measured(data: Path) -> dict[str, float]:
    """One run of the whole command in its parts, on plain files."""
    from pilothouse.equipment.fields import FIELDS
    from pilothouse.equipment.makers import load_names
    from pilothouse.exposure.engine import expose
    from pilothouse.exposure.sources import load_advisories
    from pilothouse.imports.contracts import EXPOSE
    from pilothouse.imports.loading import load
    from pilothouse.kernel.duck import engine
    from pilothouse.kernel.writing import write_table_to

    with tempfile.TemporaryDirectory() as folder, engine() as con:
        inventory = Path(folder) / "inventory.csv"
        write_devices(load_advisories(data / "csaf"), inventory)
        clock = [time.perf_counter()]
        catalogue = load_advisories(data / "csaf", kev=data / "kev" / "known_exploited_vulnerabilities-2026-08-08.json", epss=data / "epss" / "epss-2026-08-16.csv.gz")  # fmt: skip
        clock.append(time.perf_counter())
        table = load(str(inventory), ordinal=0, fields=FIELDS).table
        clock.append(time.perf_counter())
        con.register("arrow_devices", table)
        con.execute("""CREATE VIEW listed AS SELECT "row", key AS device_id, maker, model, "name", firmware, NULL AS os, NULL AS host FROM arrow_devices""")  # fmt: skip
        steps = Steps()
        exposed = expose(con, "listed", catalogue, load_names(), progress=steps)
        clock += [steps.began["Resolving names"], time.perf_counter()]
        write_table_to(str(Path(folder) / "out.csv"), con.sql('FROM exposures ORDER BY "row", advisory, vulnerability'), EXPOSE.columns)  # fmt: skip
        clock.append(time.perf_counter())
        namings = con.execute(
            'SELECT count(*) FROM (SELECT DISTINCT maker, model, "name" FROM listed)'
        ).fetchall()[0][0]
    parts = [later - earlier for earlier, later in pairwise(clock)]
    names = ("advisories_s", "devices_s", "shelves_s", "matching_s", "writing_s")
    return {
        **dict(zip(names, parts, strict=True)),
        "total": sum(parts),
        "lines": exposed.lines,
        "namings": namings,
        "advisories": len(catalogue.advisories),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main(data: Path) -> None:
    """Print the figures as one line of JSON."""
    from benchmarks.exposure_cases import judged

    print(json.dumps(measured(data) | judged(data / "csaf", CASES)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
