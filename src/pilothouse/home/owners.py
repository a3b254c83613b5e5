"""Who answers for each exposed device: its place in the chain, and the one person there.

Every finding has exactly one owner; a place and topic is asked once, however many devices stand there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from pilothouse.governance.chain import Chain
from pilothouse.governance.locate import Locator, place_text
from pilothouse.governance.rules import who
from pilothouse.governance.words import Answer, Place, Rows

_OWNERS = pa.schema([("facility", pa.string()), ("unit", pa.string()), ("place", pa.string()), ("owner", pa.string()), ("position", pa.string())])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owned:
    """Who answers where, and which texts of the lists name more than one place of the chain."""

    answers: dict[Place, Answer]
    ambiguous: dict[str, tuple[str, ...]]


def name_owners(con: duckdb.DuckDBPyConnection, rows: Rows, chain: Chain | None, topic: str, at: datetime) -> Owned:  # fmt: skip
    """Leave the table `owners`(facility, unit, place, owner, position): ids, one row for each pair of texts.

    con: the table `register` with facility and unit. chain: None if the rows make no valid one; places are
    found all the same, owner and position stay empty. Raises what `governance.rules.who` raises.
    """
    texts = con.execute("SELECT DISTINCT coalesce(facility, ''), coalesce(unit, '') FROM register ORDER BY ALL").fetchall()  # fmt: skip
    locator = Locator.at(rows, at)
    places = [locator.place(facility, unit) for facility, unit in texts]
    answers = (
        {} if chain is None else {place: who(chain, topic, place, at) for place in dict.fromkeys(places)}
    )
    columns = {
        "facility": [facility for facility, _ in texts],
        "unit": [unit for _, unit in texts],
        "place": [place_text(place) for place in places],
        "owner": [answers[place].person if place in answers else "" for place in places],
        "position": [answers[place].position if place in answers else "" for place in places],
    }
    con.register("owners_named", pa.table(columns, schema=_OWNERS))
    con.execute("CREATE OR REPLACE TEMP TABLE owners AS FROM owners_named")
    con.unregister("owners_named")
    return Owned(answers, locator.ambiguous)
