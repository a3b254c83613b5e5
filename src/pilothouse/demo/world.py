"""Writing a demo: the sources of a health system, its chain of command, its advisories, and the truth beside them."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from multiprocessing.pool import Pool
from pathlib import Path
from typing import IO, TextIO, TypeVar

from pilothouse.demo import truth
from pilothouse.demo.advisories import advisories, write_advisories
from pilothouse.demo.block import SIZE, Made, Maker, Order
from pilothouse.demo.chain import write_chain
from pilothouse.demo.dice import Dice
from pilothouse.demo.fleet import Fleet
from pilothouse.demo.folder import MARK, inside, move_in, refuse_foreign
from pilothouse.demo.scale import WHOLE, scale
from pilothouse.demo.sheets import Sheet
from pilothouse.demo.supply.write import write_parts
from pilothouse.demo.training.write import write_training
from pilothouse.demo.wishes.write import write_plan
from pilothouse.demo.worlds import WORLDS
from pilothouse.kernel.errors import BadUsage, PilothouseError
from pilothouse.kernel.progress import SILENT, Progress

MOST = 1_000_000

J = TypeVar("J")
R = TypeVar("R")
Counts = tuple[int, int, int]


class UnwritableDemo(PilothouseError):
    """The demo's folder cannot be written; the text says why. Nothing half written stays."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: rows per source file, true pairs, advisories, people in the chain of command, receipts,
    people with training records, and options of the wish list."""

    folder: Path
    rows: dict[str, int]
    pairs: int
    advisories: int
    people: int
    receipts: int
    staff: int
    options: int


def day(text: str) -> date:
    """The day an `--as-of` names. Raises BadUsage if it is none of the calendar, or too early to count back from."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadUsage(f"--as-of takes a day such as 2026-11-02; {text!r} was given.") from None
    if not 1950 <= found.year <= 9000:
        raise BadUsage(f"--as-of takes a day from 1950 to 9000; {text!r} was given.")
    return found


def write(
    folder: Path, *, devices: int = 2500, seed: int = 7, world: str = "ordinary", as_of: date = date(2026, 11, 2),
    everywhere: bool = False, processes: int | None = None, progress: Progress = SILENT,
) -> Written:  # fmt: skip
    """Write a demo health system into `folder`, the same bytes for the same arguments.

    devices: medical devices in the fleet, 1 to 1,000,000; about 96 % stand in the CMMS export. world: one of
    WORLDS. as_of: the day from which all dates count back. everywhere: nearly every device stands in all
    three sources (for measurements). processes: default two if there are two cores and enough to do.
    Raises BadUsage for arguments outside these, and for a folder with anything but an earlier demo in it;
    UnwritableDemo if the disk refuses.
    """
    order = _checked(Order(devices, seed, world, as_of, everywhere))
    refuse_foreign(folder)
    try:
        with inside(folder) as fresh, _crew(order, processes) as crew:
            rows, pairs = _write_sources(order, fresh, crew, progress)
            progress.step("Writing advisories and the chain of command")
            write_advisories(fresh / "advisories", order.as_of)
            people = write_chain(fresh / "chain", order.seed, order.as_of)
            receipts, staff, options = _write_beside(order, fresh, progress)
            _describe(order, fresh)
            move_in(fresh, folder)
    except OSError as error:
        raise UnwritableDemo(
            f"The demo could not be written to {folder}: {error.strerror or error}."
        ) from error
    return Written(folder, rows, pairs, len(advisories()), people, receipts, staff, options)


def _checked(order: Order) -> Order:
    if not 1 <= order.devices <= MOST:
        raise BadUsage(f"--devices must be from 1 to {MOST:,}; {order.devices:,} was given.")
    if order.world not in WORLDS:
        raise BadUsage(f"there is no world {order.world!r}; there are {', '.join(WORLDS)}")
    return order


_maker: Maker | None = None


def _begin(order: Order) -> None:
    """The maker of this order's blocks, in this process."""
    global _maker
    _maker = Maker(order)


def _begin_beside(order: Order) -> None:
    """In each further process: Ctrl-C is the first one's business, which ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _begin(order)


def _count(block: int) -> Counts:
    assert _maker is not None
    return _maker.count(block)


def _make(job: tuple[int, Counts]) -> Made:
    assert _maker is not None
    return _maker.make(*job)


class Crew:
    """One or several processes that work through the blocks, results in the order of the jobs."""

    def __init__(self, pool: Pool | None) -> None:
        self._pool = pool

    def each(self, work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
        """The result of every job, one after the other."""
        return map(work, jobs) if self._pool is None else self._pool.imap(work, jobs)


@contextmanager
def _crew(order: Order, processes: int | None) -> Iterator[Crew]:
    wanted = processes or min(2, os.cpu_count() or 1)
    if wanted == 1 or order.blocks() < 4:
        _begin(order)
        yield Crew(None)
        return
    # Spawned, not forked: a progress bar runs in a thread, and a fork beside threads may never wake.
    with multiprocessing.get_context("spawn").Pool(wanted, _begin_beside, (order,)) as pool:
        yield Crew(pool)


def _write_sources(order: Order, folder: Path, crew: Crew, progress: Progress) -> tuple[dict[str, int], int]:
    """The three sources and the truth; returns the rows of each file and the number of true pairs."""
    blocks = range(order.blocks())
    progress.step("Counting rows", len(blocks))
    counts: list[Counts] = []
    for count in crew.each(_count, blocks):
        counts.append(count)
        progress.advance()
    sequences = [_sequence(order, file) for file in range(3)]
    before = [_before(sequence, [count[file] for count in counts]) for file, sequence in enumerate(sequences)]
    jobs = [(block, (before[0][block], before[1][block], before[2][block])) for block in blocks]

    progress.step("Writing devices", order.devices)
    sheets = [source.sheet for source in WORLDS[order.world].sources()]
    pairs = 0
    with ExitStack() as stack:
        spools = [stack.enter_context(tempfile.TemporaryFile(dir=folder)) for _ in sheets]
        truths = _open_truth(folder / "truth", stack)
        places: list[list[tuple[int, int]]] = [[], [], []]
        for made in crew.each(_make, jobs):
            for spool, place, body in zip(spools, places, made.bodies, strict=True):
                place.append((spool.tell(), len(body)))
                spool.write(body)
            for name, file in truths.items():
                file.write(getattr(made, name))
            pairs += made.pairs.count("\n")
            progress.advance(min(SIZE, order.devices))
        for sheet, spool, place, sequence in zip(sheets, spools, places, sequences, strict=True):
            _assemble(folder / sheet.name, sheet, spool, [place[block] for block in sequence])
    rows = {sheet.name: sum(count[file] for count in counts) for file, sheet in enumerate(sheets)}
    return rows, pairs


def _sequence(order: Order, file: int) -> list[int]:
    """The blocks in the order in which they stand in a file: the CMMS by number, the others shuffled."""
    blocks = list(range(order.blocks()))
    if file:
        Dice(order.seed).at("blocks", file).shuffle(blocks)
    return blocks


def _before(sequence: list[int], counts: list[int]) -> dict[int, int]:
    """For each block, how many rows stand before it in the file."""
    starts = accumulate((counts[block] for block in sequence), initial=0)
    return dict(zip(sequence, starts, strict=False))


def _open_truth(folder: Path, stack: ExitStack) -> dict[str, TextIO]:
    folder.mkdir()
    heads = {
        "members": truth.MEMBERS,
        "pairs": truth.PAIRS,
        "devices": truth.DEVICES,
        "exposures": truth.EXPOSURES,
    }
    files: dict[str, TextIO] = {}
    for name, head in heads.items():
        files[name] = stack.enter_context((folder / f"{name}.csv").open("w", encoding="utf-8", newline=""))
        files[name].write(head)
    return files


def _assemble(path: Path, sheet: Sheet, spool: IO[bytes], places: list[tuple[int, int]]) -> None:
    """The finished file from the spooled blocks at these places (offset, length)."""
    with sheet.open(path) as out:
        out.write(sheet.head())
        joint = b""
        for offset, length in places:
            if not length:
                continue
            spool.seek(offset)
            out.write(joint)
            out.write(spool.read(length))
            joint = sheet.joint
        out.write(sheet.tail())


def _write_beside(order: Order, folder: Path, progress: Progress) -> tuple[int, int, int]:
    """What the other rooms are shown on. Returns how many receipts, people and options."""
    size, looked_at = scale(order.devices), min(order.devices, WHOLE)
    fleet = Fleet(order.seed, order.world, WORLDS[order.world].habits, order.devices, order.as_of)
    progress.step("Writing receipts")
    tags = tuple(fleet.tag(number) for number in range(looked_at))
    parts, training, plan, true = (folder / name for name in ("parts", "training", "plan", "truth"))
    receipts = write_parts(parts, true, seed=order.seed, as_of=order.as_of, count=size.receipts, tags=tags)
    progress.step("Writing training records")
    staff = write_training(training, true, seed=order.seed, as_of=order.as_of, count=size.people)
    progress.step("Writing the wish list")
    options = write_plan(
        plan,
        true,
        seed=order.seed,
        as_of=order.as_of,
        fleet=fleet,
        count=size.options,
        devices=looked_at,
        share=size.share,
        short=staff.short,
    )
    return receipts, staff.people, options


def _describe(order: Order, folder: Path) -> None:
    cmms, network, security = (source.sheet.name for source in WORLDS[order.world].sources())
    card = {
        "as_of": str(order.as_of), "world": order.world, "seed": order.seed, "devices": order.devices,
        "files": {"cmms": cmms, "network": network, "security": security}, "advisories": "advisories", "chain": "chain",
        "parts": "parts", "training": "training", "plan": "plan",
    }  # fmt: skip
    (folder / MARK).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
