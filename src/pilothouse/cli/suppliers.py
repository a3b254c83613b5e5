"""`pilothouse suppliers`: scorecards, the choice among offers, spares, and counts to share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pilothouse.cli import lists

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import duckdb
    import pyarrow as pa

    from pilothouse.imports.fields import Field
    from pilothouse.imports.sources import Rejected, Source
    from pilothouse.kernel.progress import Progress
    from pilothouse.parts.choosing import Choice
    from pilothouse.parts.engine import Key, Outside

SCORE = """Score suppliers by what happened after their parts arrived.

EVENTS is any list of receipts: CSV, XLSX (FILE#Sheet), JSON. Each rate comes with its count, the raw rate, the
estimate that leans on all suppliers of the group, its 90 % interval, and the day of the last alarm. COUNTS come from
other hospitals (suppliers pool); they weigh less the more they disagree.

\b
Example: pilothouse suppliers score receipts.csv --at 2026-11-02 --out scorecards
"""
CHOOSE = """Rank the offers for one need by what each costs in the end.

Price, freight, waiting, and replacements at the rate at which the supplier's parts fail; with the 90 % range and what
would have to change for another offer to win. Only compatible parts that are neither recalled nor suspect are offers.

\b
Example: pilothouse suppliers choose offers.csv --events receipts.csv --downtime-per-day 900 --labour 250 --out choice.csv
"""
SPARES = """Say where to hold how many spare parts, against today's stock.

Least holding and downtime in all: the exact model for a depot and its places; the newsvendor for a part that the
depot does not list (its price then stands in DEMAND).

\b
Example: pilothouse suppliers spares demand.csv --depot depot.csv --holding 0.2 --out spares.csv
"""
POOL = """Write the counts that hospitals can share: no receipt, part, price, device or person.

\b
Example: pilothouse suppliers pool receipts.csv --out counts.csv
"""
MAP = "Corrects the guess of a column: receipts.csv:outcome='Test result'."
RAW = "Write cells as they are, without the guard against formulas."
AT = "The reference day; default today. What happened later is not known on it."
EVENTS_HELP = "The list of receipts, one row a received item."
REPORT = "report.html"
_MAPS = typer.Option([], "--map", metavar="FILE:FIELD=COLUMN", help=MAP)
_RAW = typer.Option(False, "--raw", help=RAW)
_AT = typer.Option(None, "--at", metavar="DATE", help=AT)
_SEED = typer.Option(0, "--seed", min=0, help="Of all sampling; the same seed gives the same bytes.")


def register(app: typer.Typer) -> None:
    """Add the command group `suppliers`."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Suppliers: scorecards, choosing among offers, spares, counts to share.")  # fmt: skip
    group.command("score", help=SCORE, short_help="Score suppliers by what happened after arrival.")(_score)
    group.command("choose", help=CHOOSE, short_help="Rank offers by what each costs in the end.")(_choose)
    group.command("spares", help=SPARES, short_help="Say where to hold how many spare parts.")(_spares)
    group.command("pool", help=POOL, short_help="Write counts that hospitals can share.")(_pool)
    app.add_typer(group, name="suppliers")


def _score(
    events: str = typer.Argument(..., metavar="EVENTS", help=EVENTS_HELP),
    out: Path = typer.Option(..., "--out", metavar="DIR", help="The folder of scorecards.csv."),
    at: str | None = _AT,
    pool: list[str] = typer.Option([], "--pool", metavar="COUNTS.csv", help="Counts of another hospital; may be said several times."),
    seed: int = _SEED,
    maps: list[str] = _MAPS,
    raw: bool = _RAW,
) -> None:  # fmt: skip
    from datetime import UTC, datetime

    from pilothouse.cli.progress import shown
    from pilothouse.cli.suppliers_told import end, tell_near, tell_scores, tell_similar
    from pilothouse.home.suppliers import ScoreFacts, report
    from pilothouse.imports import contracts
    from pilothouse.imports.rejections import write_rejected
    from pilothouse.kernel.duck import engine
    from pilothouse.kernel.writing import Outputs
    from pilothouse.parts.engine import score, share
    from pilothouse.parts.sources.fields import EVENTS
    from pilothouse.parts.sources.similar import near

    day = lists.day_or_today("--at", at)
    names = (contracts.SCORECARDS.name, contracts.SIMILAR.name, contracts.REJECTED.name, REPORT)
    lists.refuse_twice("--pool", pool)
    lists.spare([events, *pool], [out / name for name in names])
    mapping = lists.mappings(maps, [events, *pool], [EVENTS, *[_counts_fields()] * len(pool)])
    with shown() as progress, engine() as con:
        source, rejected, alike = _receipts(con, events, mapping[0], progress)
        outside, refused, later = _outside(con, pool, mapping[1:], day, progress)
        rejected += refused
        scores = score(con, day, seed=seed, pool=outside, progress=progress)
        asked = near(con, (supplier for (supplier, _, _), _ in outside))
        share(con, day)
        facts = ScoreFacts(file=Path(events).name, at=day, made_at=datetime.now(UTC).astimezone(), receipts=source.records, rejected=len(rejected), alike=alike.num_rows, pooled=len(outside))  # fmt: skip
        page = report(con, scores, facts, progress=progress)
        layout = contracts.scorecards_layout(with_pool=bool(pool))
        with Outputs(out, raw=raw) as outputs:
            outputs.table(layout.name, scores, layout.columns)
            outputs.text(REPORT, page)
            if alike.num_rows:
                outputs.table(contracts.SIMILAR.name, alike, contracts.SIMILAR.columns)
            else:
                outputs.absent(contracts.SIMILAR.name)
            write_rejected(outputs, rejected)
    tell_scores(source, scores, outside, later)
    tell_near(asked, "the counts")
    tell_similar(alike, f"; all stand in {out / contracts.SIMILAR.name}")
    end(rejected, str(out))


def _choose(
    offers: str = typer.Argument(..., metavar="OFFERS", help="The list of offers for one need."),
    events: str = typer.Option(..., "--events", metavar="EVENTS", help=EVENTS_HELP),
    downtime: float = typer.Option(..., "--downtime-per-day", metavar="X", min=0, help="Cost of a day of this device out of work; 0 if a spare stands by."),
    labour: float = typer.Option(..., "--labour", metavar="Y", min=0, help="Cost of one exchange."),
    out: str = typer.Option(..., "--out", metavar="FILE.csv", help="The answer; - for standard output."),
    at: str | None = _AT,
    seed: int = _SEED,
    maps: list[str] = _MAPS,
    raw: bool = _RAW,
) -> None:  # fmt: skip
    from pilothouse.cli.progress import shown
    from pilothouse.cli.suppliers_told import end, tell_choice, tell_near, tell_similar
    from pilothouse.imports.checks import together
    from pilothouse.imports.contracts import CHOICE
    from pilothouse.kernel.duck import engine
    from pilothouse.parts.choosing import choose
    from pilothouse.parts.rules import Need
    from pilothouse.parts.sources.fields import EVENTS, OFFERS
    from pilothouse.parts.sources.offers import offers as read_offers
    from pilothouse.parts.sources.similar import near

    day = lists.day_or_today("--at", at)
    need = Need(_finite("--downtime-per-day", downtime), _finite("--labour", labour))
    _spare_one([offers, events], out)
    mapping = lists.mappings(maps, [offers, events], [OFFERS, EVENTS])
    with shown() as progress, engine() as con:
        listed = lists.read(offers, 0, OFFERS, mapping[0], progress)
        found, refused = read_offers(con, listed)
        _, rejected, alike = _receipts(con, events, mapping[1], progress)
        rejected = [*together(listed, refused), *rejected]
        choices = choose(con, day, need, found, seed=seed)
        asked = near(con, (one.supplier for one in found))
    rows = [(c.offer.name, c.rank, c.cost.expected, c.low, c.high, c.offer.price, c.offer.freight, c.cost.wait, c.cost.again, *_known(c), c.n, c.changes_if) for c in choices]  # fmt: skip
    _write(out, rows, CHOICE.columns, rejected, raw)
    tell_choice(choices)
    tell_near(asked, "the offers")
    tell_similar(alike)
    end(rejected, out)


def _known(choice: Choice) -> tuple[float | None, float | None]:
    """The posterior means of DOA and early failure; nothing for what no receipt tells."""
    doa, early = choice.cost.p_doa, choice.cost.p_early90
    return doa if "doa" in choice.known else None, early if "early90" in choice.known else None


def _spares(
    demand: str = typer.Argument(..., metavar="DEMAND", help="Demand by part and place."),
    depot: str = typer.Option(..., "--depot", metavar="DEPOT", help="The depot's parts: price, lead time, stock."),
    holding: float = typer.Option(..., "--holding", metavar="SHARE", help="Cost of holding an item on hand for a year, as a share of its price."),
    out: str = typer.Option(..., "--out", metavar="FILE.csv", help="The answer; - for standard output."),
    maps: list[str] = _MAPS,
    raw: bool = _RAW,
) -> None:  # fmt: skip
    from dataclasses import astuple

    from pilothouse.cli.progress import shown
    from pilothouse.cli.suppliers_told import end, tell_spares
    from pilothouse.imports.contracts import SPARES as LAYOUT
    from pilothouse.kernel.duck import engine
    from pilothouse.kernel.errors import BadUsage
    from pilothouse.parts.sources.fields import DEMAND, DEPOT
    from pilothouse.parts.sources.stock import parts
    from pilothouse.parts.spares import advise

    if not 0 < _finite("--holding", holding) <= 10:
        raise BadUsage("--holding: expected a share above 0, such as 0.2 for a fifth of the price a year")
    _spare_one([demand, depot], out)
    mapping = lists.mappings(maps, [demand, depot], [DEMAND, DEPOT])
    with shown() as progress, engine() as con:
        places = lists.read(demand, 0, DEMAND, mapping[0], progress)
        held = lists.read(depot, 1, DEPOT, mapping[1], progress)
        found, rejected = parts(con, places, held)
        progress.step("Weighing stocks", total=len(found))
        advice = []
        for part in found:
            advice += list(advise([part], holding))
            progress.advance()
    _write(out, [astuple(one) for one in advice], LAYOUT.columns, rejected, raw)
    tell_spares(advice)
    end(rejected, out)


def _pool(
    events: str = typer.Argument(..., metavar="EVENTS", help=EVENTS_HELP),
    out: str = typer.Option(..., "--out", metavar="COUNTS.csv", help="The counts; - for standard output."),
    at: str | None = _AT,
    maps: list[str] = _MAPS,
    raw: bool = _RAW,
) -> None:
    from pilothouse.cli.progress import shown
    from pilothouse.cli.suppliers_told import end, tell_similar
    from pilothouse.cli.told import say
    from pilothouse.core.words import counted
    from pilothouse.imports.contracts import COUNTS
    from pilothouse.kernel.duck import engine
    from pilothouse.parts.engine import share
    from pilothouse.parts.sources.fields import EVENTS

    day = lists.day_or_today("--at", at)
    _spare_one([events], out)
    mapping = lists.mappings(maps, [events], [EVENTS])
    with shown() as progress, engine() as con:
        _, rejected, alike = _receipts(con, events, mapping[0], progress)
        rows = share(con, day).fetchall()
    _write(out, rows, COUNTS.columns, rejected, raw)
    say(f"{counted(len(rows), 'count')} to share: suppliers' names and numbers of items, nothing else.")
    if rejected and out != "-":
        say("The rejected rows beside it are whole records: keep them in the house.")
    tell_similar(alike)
    end(rejected, out)


# --- Reading -------------------------------------------------------------------------------------------------


def _finite(option: str, number: float) -> float:
    from math import isfinite

    from pilothouse.kernel.errors import BadUsage

    if not isfinite(number):
        raise BadUsage(f"{option} {number}: expected a number")
    return number


def _spare_one(inputs: Sequence[str], out: str) -> None:
    from pilothouse.imports.rejections import beside

    if out != "-" and Path(out).name:
        lists.spare(inputs, [Path(out), Path(out).with_name(beside(out))])


def _counts_fields() -> Sequence[Field]:
    from pilothouse.parts.sources.fields import COUNTS

    return COUNTS


def _receipts(con: duckdb.DuckDBPyConnection, events: str, mapping: dict[str, str], progress: Progress) -> tuple[Source, list[Rejected], pa.Table]:  # fmt: skip
    """The relation `receipts` out of a list; the source, what was rejected, and suppliers that may be one."""
    from pilothouse.imports.checks import together
    from pilothouse.parts.sources.fields import EVENTS
    from pilothouse.parts.sources.receipts import receipts
    from pilothouse.parts.sources.similar import similar

    source = lists.read(events, 0, EVENTS, mapping, progress)
    return source, together(source, receipts(con, source)), similar(con)


def _outside(con: duckdb.DuckDBPyConnection, files: Sequence[str], mapping: Sequence[dict[str, str]], at: date, progress: Progress) -> tuple[dict[tuple[Key, str], Outside], list[Rejected], int]:  # fmt: skip
    """The counts of other hospitals, summed; what of them was rejected; how many lines are of later quarters."""
    from pilothouse.imports.checks import together
    from pilothouse.parts.sources.counts import add_counts

    pool: dict[tuple[Key, str], Outside] = {}
    rejected: list[Rejected] = []
    later = 0
    for place, (file, said) in enumerate(zip(files, mapping, strict=True), 1):
        source = lists.read(file, place, _counts_fields(), said, progress)
        refused, unknown = add_counts(con, source, at, pool)
        rejected += together(source, refused)
        later += unknown
    return pool, rejected, later


# --- Writing -------------------------------------------------------------------------------------------------


def _write(out: str, rows: Sequence[Sequence[object]], columns: Sequence[str], rejected: Sequence[Rejected], raw: bool) -> None:  # fmt: skip
    """The answer with its rejected rows beside it; standard output takes only the answer."""
    import sys

    from pilothouse.imports.rejections import beside, write_rejected
    from pilothouse.kernel.writing import one_file, write_rows

    if out == "-":
        write_rows(sys.stdout.buffer, rows, columns, raw=raw)
        sys.stdout.buffer.flush()
        return
    with one_file(out, raw=raw) as (outputs, name):
        outputs.rows(name, rows, columns)
        write_rejected(outputs, rejected, beside(name))
