"""`pilothouse who`: the one person who answers for a topic, here, now."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from pilothouse.governance.chain import Chain
    from pilothouse.governance.words import Answer, Place

HELP = """Name the one person who answers for TOPIC at a place and time.

The chain of command is a folder of CSV files or one XLSX workbook; without --chain it is the house's own, in its
database. Without --unit or --facility the question is the whole system's.

\b
Example: pilothouse who recall --chain demo-hospital/chain --unit ICU --at "2026-11-02 03:00"
"""


def register(app: typer.Typer) -> None:
    """Add the command `who`."""
    app.command("who", help=HELP)(_who)


def _who(
    topic: str = typer.Argument(
        ..., metavar="TOPIC", help="What the question is about: recall, cybersecurity, repair, …"
    ),
    chain: str | None = typer.Option(
        None, "--chain", metavar="DIR|FILE.xlsx", help="The chain of command; default the house's database."
    ),
    unit: str | None = typer.Option(None, "--unit", metavar="U", help="The unit's id."),
    facility: str | None = typer.Option(None, "--facility", metavar="F", help="The facility's id."),
    at: str | None = typer.Option(
        None, "--at", metavar="TIME", help="The moment asked about, such as 2026-11-02T03:00; default now."
    ),
    tz: str | None = typer.Option(
        None,
        "--tz",
        metavar="ZONE",
        help="IANA name of the zone of times without an offset; default the chain's.",
    ),
    amount: str | None = typer.Option(None, "--amount", metavar="X", help="The sum the question is about."),
    as_json: bool = typer.Option(False, "--json", help="The answer as JSON."),
) -> None:
    place = place_of(unit, facility)
    topic = topic_of(topic)
    sum_asked = amount_of(amount)
    if chain is None:
        _who_of_the_house(topic, place, sum_asked, at, tz, as_json)
        return
    from pilothouse.governance.rules import who
    from pilothouse.governance.sources import load_chain
    from pilothouse.kernel.times import as_instant

    loaded = load_chain(chain, tz)
    for note in loaded.notes:
        if note.code != "bare_day_to":  # `chain check` tells those
            print(f"note: {note}", file=sys.stderr)  # noqa: T201
    valid = loaded.valid()
    moment = moment_of(at, loaded.zone)
    answer = who(valid, topic, place, moment, sum_asked)
    _warn_unknown_topic(valid.topics_at(as_instant(moment)), topic)
    _tell(answer, valid, as_json)


def _who_of_the_house(topic: str, place: Place, amount: Decimal | None, at: str | None, tz: str | None, as_json: bool) -> None:  # fmt: skip
    """The same question to the tables of the server."""
    from pilothouse.cli.server import the_house

    with the_house():
        from pilothouse.governance.asking import ask_place, topics_at
        from pilothouse.governance.loading import chain_zone
        from pilothouse.kernel.times import zone

        shown_in = chain_zone() if tz is None else zone(tz)
        moment = moment_of(at, shown_in)
        asked = ask_place(topic, place, moment, amount, shown_in)
        _warn_unknown_topic(topics_at(moment), topic)
        _tell(asked.answer, asked.chain, as_json)


def _tell(answer: Answer, chain: Chain, as_json: bool) -> None:
    from pilothouse.governance.answers import answer_as_json, answer_in_words

    told = json.dumps(answer_as_json(answer), ensure_ascii=False, indent=2) if as_json else answer_in_words(answer, chain)  # fmt: skip
    typer.echo(told, nl=as_json)


def place_of(unit: str | None, facility: str | None) -> Place:
    """The place that the options name; raises BadUsage for both at once."""
    from pilothouse.governance.words import SYSTEM, Place
    from pilothouse.kernel.errors import BadUsage

    if unit is not None and facility is not None:
        raise BadUsage("a question has one place: give --unit or --facility, not both")
    if unit is not None:
        return Place("unit", unit.strip())
    return SYSTEM if facility is None else Place("facility", facility.strip())


def topic_of(text: str) -> str:
    """The topic as typed; raises BadUsage for one outside its form."""
    from pilothouse.governance.sources.cells import TOPIC_FORM
    from pilothouse.kernel.errors import BadUsage

    topic = text.strip()
    if not TOPIC_FORM.fullmatch(topic):
        raise BadUsage(
            f"{text!r} is no topic; small letters a to z, digits and _ are needed, such as data_flow"
        )
    return topic


def amount_of(text: str | None) -> Decimal | None:
    """The sum as typed; raises BadUsage unless it is a plain number from 0."""
    from decimal import Decimal

    from pilothouse.governance.sources.cells import SUM_FORM
    from pilothouse.kernel.errors import BadUsage

    if text is None:
        return None
    if not SUM_FORM.fullmatch(text.strip()):
        raise BadUsage(f"--amount is {text!r}; a plain number such as 25000 or 25000.50 is needed")
    return Decimal(text.strip())


def moment_of(text: str | None, zone: ZoneInfo) -> datetime:
    """The moment asked about on the clocks of `zone`, to the second if it is now; raises BadUsage."""
    from datetime import UTC, datetime

    from pilothouse.kernel.errors import BadUsage
    from pilothouse.kernel.times import FORMS, NotATime, as_datetime, read_time

    if text is None:
        return datetime.now(UTC).replace(microsecond=0).astimezone(zone)
    try:
        return as_datetime(read_time(text.strip(), zone), zone)
    except (NotATime, OverflowError):
        raise BadUsage(f"--at is {text!r}, which is no time; right are {FORMS}") from None


def _warn_unknown_topic(known: set[str], topic: str) -> None:
    from pilothouse.governance.words import ANY_TOPIC
    from pilothouse.kernel.text import near_it

    if topic in known or topic == ANY_TOPIC:
        return
    hint = near_it(topic, known)
    print(f"warning: no mandate names the topic {topic} at that time{hint}", file=sys.stderr)  # noqa: T201
