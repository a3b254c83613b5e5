"""What `pilothouse suppliers` tells on standard error: what was found, what to ask, what could not be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pilothouse.cli import lists
from pilothouse.cli.told import first, say
from pilothouse.core.words import are, counted, decimal, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from pilothouse.imports.sources import Rejected, Source
    from pilothouse.parts.choosing import Choice
    from pilothouse.parts.engine import Pool
    from pilothouse.parts.spares import Advice


def tell_scores(source: Source, scores: pa.Table, pool: Pool, later: int) -> None:
    """What was scored, the newest alarms, and what of the outside counts was not used. later: lines not yet known."""
    from pilothouse.parts.rates import BY_NAME
    from pilothouse.parts.watching import RUN

    lines = scores.to_pylist()
    suppliers = {line["supplier"] for line in lines}
    say(f"{counted(source.records, 'receipt')} of {counted(len(suppliers), 'supplier')}. Raw rates do not rank: read mean, low and high.")  # fmt: skip
    alarms = [line for line in lines if line["alarm"]]
    if alarms:
        by_chance = round(sum(line["n"] for line in lines) / RUN)
        say(f"{counted(len(alarms), 'alarm')} (a false one comes once in {RUN:,} items of a rate or more, on average; so many items give up to {by_chance:,} by chance), newest first:")  # fmt: skip
        newest = sorted(alarms, key=lambda line: line["alarm"], reverse=True)
        for text in first((f"{line['alarm']}: {line['supplier']}, {line['category']} {line['condition']}: {BY_NAME[line['rate']].title.lower()}, {line['x']:,} of {line['n']:,}" for line in newest), "  "):  # fmt: skip
            say(text)
    own = {(line["supplier"], line["category"], line["condition"]) for line in lines}
    strange = {key for key, _ in pool} - own
    if strange:
        say(f"{counted(len(strange), 'outside line')} of suppliers, categories or conditions that the receipts do not have: not used.")  # fmt: skip
    if later:
        say(
            f"{counted(later, 'outside line')} of quarters after the reference day: not known on it, not used."
        )


def tell_similar(alike: pa.Table, where: str = "") -> None:
    """Ask which spellings are one supplier; nothing was joined."""
    if not alike.num_rows:
        return
    say(f"{counted(alike.num_rows, 'pair')} of suppliers {are(alike.num_rows)} spelt alike and kept apart{where}. Are they one? Then give them one spelling:")  # fmt: skip
    for text in first((f"{line['supplier']} (row {line['row']}) and {line['resembles']} (row {line['resembles_row']}): {line['why']}" for line in alike.to_pylist()), "  "):  # fmt: skip
        say(text)


def tell_near(pairs: Sequence[tuple[str, str]], of: str) -> None:
    """Ask about names of another list that the receipts have in another spelling; nothing was joined. of: which list."""
    if not pairs:
        return
    say(f"{counted(len(pairs), 'supplier')} of {of} {are(len(pairs))} not in the receipts but nearly, and taken for new. Are they one? Then give them one spelling:")  # fmt: skip
    for text in first((f"{name} ({of}) and {known} (receipts)" for name, known in pairs), "  "):
        say(text)


def tell_choice(choices: Sequence[Choice]) -> None:
    """The chosen offer and when another would be; what nothing is known of."""
    if not choices:
        say("No offer is left to choose from.")
        return
    best = choices[0]
    say(f"{best.offer.name}: expected {decimal(best.cost.expected, 2)} in all (90 % range {decimal(best.low, 2)} to {decimal(best.high, 2)}). The choice changes if: {best.changes_if}.")  # fmt: skip
    alone = [one.offer.name for one in choices if not one.n]
    if alone and best.known:
        say(f"No receipt tells of {listed(alone)}: the rates lean on all that is known of others, so ask for references.")  # fmt: skip
    unknown = [
        word for rate, word in (("doa", "DOA"), ("early90", "early failure")) if rate not in best.known
    ]
    if unknown:
        say(f"The receipts have no item that tells {listed(unknown, 'or')}: unknown, and nothing is charged for it.")  # fmt: skip


def tell_spares(told: Sequence[Advice]) -> None:
    """How far the advice is from today's stock, and what it costs a year."""
    more = sum(max(one.stock - one.stock_today, 0) for one in told)
    fewer = sum(max(one.stock_today - one.stock, 0) for one in told)
    say(f"{counted(len({one.part for one in told}), 'part')}: {counted(more, 'item')} more and {fewer:,} fewer than today; downtime {decimal(sum(one.downtime_cost for one in told), 0)} and holding {decimal(sum(one.holding_cost for one in told), 0)} a year.")  # fmt: skip


def end(rejected: Sequence[Rejected], out: str) -> None:
    """Tell what was not taken and where the answer is, and end with the contract's exit code."""
    beside = out != "-"
    lists.tell_rejected(rejected, "see the rejected rows beside the answer." if beside else "name a file with --out to have them all:")  # fmt: skip
    lists.end(rejected, out)
