"""The four big tables of the report: which rows, which columns, how each cell is drawn."""

from __future__ import annotations

import pyarrow as pa

from pilothouse.core.grid import Cell, Column, Grid, View
from pilothouse.home.report.facts import ReportFacts
from pilothouse.home.report.figures import CRITICAL_FIELDS, Figures
from pilothouse.home.report.first import label
from pilothouse.home.report.relations import Prepared

MOST_FINDINGS = 150_000
"""So many lines of exposure a page carries, worst first; all of them stand in exposures.csv."""

_SEVERITY_WORD = "CASE {0} WHEN 0 THEN 'critical' WHEN 1 THEN 'high' WHEN 2 THEN 'medium' WHEN 3 THEN 'low' ELSE 'none' END"


def register_names(ready: Prepared, facts: ReportFacts) -> None:
    """Make the names the grids join: people, positions, fields, and lists by mask."""
    con = ready.con
    con.register(
        "report_people",
        pa.table(
            {
                "id": pa.array(list(facts.people), pa.string()),
                "name": pa.array(list(facts.people.values()), pa.string()),
            }
        ),
    )
    con.register(
        "report_positions",
        pa.table(
            {
                "id": pa.array(list(facts.positions), pa.string()),
                "name": pa.array(list(facts.positions.values()), pa.string()),
            }
        ),
    )
    fields = [row[0] for row in con.execute("SELECT DISTINCT field FROM conflicts").fetchall()]
    con.register(
        "report_fields",
        pa.table(
            {
                "field": pa.array(fields, pa.string()),
                "label": pa.array([label(f) for f in fields], pa.string()),
                "place": pa.array(
                    [
                        CRITICAL_FIELDS.index(f) if f in CRITICAL_FIELDS else len(CRITICAL_FIELDS)
                        for f in fields
                    ],
                    pa.int32(),
                ),
            }
        ),
    )
    masks = con.execute("SELECT DISTINCT lists, sides FROM report_devices").fetchall()
    sides = tuple(dict.fromkeys(f.side for f in ready.faces))
    held = [" + ".join(f.short for f in ready.faces if int(m) >> f.ordinal & 1) for m, _ in masks]
    side = [" and ".join(s for i, s in enumerate(sides) if int(m) >> i & 1) for _, m in masks]
    side = [s if " and " in s or len(sides) < 2 else f"{s} only" for s in side]
    con.register(
        "report_masks",
        pa.table(
            {
                "lists": pa.array([int(m) for m, _ in masks], pa.uint64()),
                "sides": pa.array([int(m) for _, m in masks], pa.uint64()),
                "held": pa.array(held, pa.string()),
                "side": pa.array(side, pa.string()),
            }
        ),
    )


def forget_names(ready: Prepared) -> None:
    """Drop what `register_names` made."""
    for name in ("report_people", "report_positions", "report_fields", "report_masks"):
        ready.con.unregister(name)


def _arrow(ready: Prepared, sql: str) -> pa.Table:
    return ready.con.sql(sql).to_arrow_table()


def _short(expression: str, ready: Prepared) -> str:
    """SQL for a text in which `FILE:12` reads `CMMS row 12`; longer file names first, as one may end another."""
    for face in sorted(ready.faces, key=lambda f: -len(f.file)):
        file, short = (text.replace("'", "''") for text in (f"{face.file}:", f"{face.short} row "))
        expression = f"replace({expression}, '{file}', '{short}')"
    return expression


def equipment(ready: Prepared, figures: Figures, facts: ReportFacts) -> Grid:
    """The register: every device once, worst exposure first, then by name."""
    not_looked = "none known" if ready.exposures else "not looked for"
    table = _arrow(
        ready,
        f"""
        SELECT d.device, d.title, d.detail, d.tag, d.serial, d.unit, d.facility, r.room, r.maker, r.model, r.name, r.firmware, r.os,
            r.host, r.mac, r.ip, r.status, m.held AS lists, m.side,
            CASE WHEN x.affected > 0 THEN {_SEVERITY_WORD.format("x.worst_affected")}
                 WHEN x.possible > 0 THEN {_SEVERITY_WORD.format("x.worst_possible")} END AS severity,
            CASE WHEN x.affected > 0 THEN x.affected::VARCHAR || ' affected'
                 WHEN x.possible > 0 THEN x.possible::VARCHAR || ' possible' ELSE '{not_looked}' END AS exposure,
            CASE WHEN x.affected > 0 THEN 'affected' WHEN x.possible > 0 THEN 'possible' ELSE '{not_looked}' END AS answer,
            coalesce(5 * x.worst_affected, 5 * x.worst_possible + 2, 99)::INTEGER AS urgency,
            CASE WHEN x.device IS NOT NULL THEN coalesce(p.name, x.owner, 'no one named') END AS owner
        FROM report_devices d JOIN report_register r USING (device)
        JOIN report_masks m ON m.lists = d.lists AND m.sides = d.sides
        LEFT JOIN report_exposed x ON x.device = d.device
        LEFT JOIN report_people p ON p.id = x.owner
        ORDER BY urgency, r.name IS NULL, d.title, d.detail, d.tag, d.device
        """,
    )
    views = [View("All equipment", {}, figures.devices)]
    if figures.searched_exposures:
        views += [
            View("Affected", {"answer": "affected"}, figures.affected),
            View("Possibly affected", {"answer": "possible"}, figures.possible),
        ]
    if len(figures.sides) > 1:
        views += [
            View(f"Only {side} knows", {"side": f"{side} only"}, n)
            for side, n in zip(figures.sides, figures.alone_by_side, strict=True)
        ]
    owner = (
        (Cell("owner", "Owner", ("owner",), 12, "hide"),)
        if facts.has_chain and figures.searched_exposures
        else ()
    )
    owner_column = (Column("owner", "Owner of the exposure", filter=True),) if owner else ()
    return Grid(
        id="equipment",
        noun="device",
        file="register.csv",
        table=table,
        search="Tag, serial, model, address",
        views=tuple(views),
        lists=tuple(f.short for f in ready.faces),
        columns=(
            Column("title", "Equipment", aside=True), Column("detail", "Product", aside=True), Column("tag", "Asset tag", code=True),
            Column("name", "Description"), Column("maker", "Maker", filter=True), Column("model", "Model", filter=True),
            Column("serial", "Serial", code=True), Column("firmware", "Firmware", filter=True, code=True), Column("os", "Operating system", filter=True),
            Column("facility", "Facility", filter=True), Column("unit", "Unit", filter=True), Column("room", "Room"), Column("status", "Status", filter=True),
            Column("host", "Host name", code=True), Column("mac", "MAC", code=True), Column("ip", "IP address", code=True),
            Column("answer", "Answer", filter=True, aside=True), Column("severity", "Severity", filter=True, aside=True),
            Column("exposure", "Exposure", aside=True), Column("urgency", "Urgency", aside=True), *owner_column,
            Column("lists", "Lists", filter=True), Column("side", "Known to", filter=True), Column("device", "Device", code=True),
        ),
        cells=(
            Cell("code", "Tag", ("tag",), 9, "end"), Cell("thing", "Equipment", ("title", "detail"), 36, "top"), Cell("code", "Serial", ("serial",), 13),
            Cell("text", "Unit", ("unit",), 14, "row"), Cell("exposure", "Exposure", ("exposure", "severity"), 10, "end", sort="urgency"),
            *owner, Cell("lists", "Lists", ("lists",), 6, "row"),
        ),
    )  # fmt: skip


def conflicts(ready: Prepared, figures: Figures) -> Grid:
    """What the lists do not agree on, the fields first whose error does harm."""
    table = _arrow(
        ready,
        f"""
        SELECT f.label AS field, f.place, c.device, d.title, d.detail, d.tag, {_short('c."values"', ready)} AS "values", c.winner, c.rule
        FROM conflicts c JOIN report_fields f ON f.field = c.field LEFT JOIN report_devices d ON d.device = c.device
        ORDER BY f.place, f.label, d.title, d.tag, c.device
        """,
    )
    views = [View("All conflicts", {}, table.num_rows)]
    views += [View(label(c.field), {"field": label(c.field)}, c.devices) for c in figures.conflicts[:6]]
    return Grid(
        id="conflicts", noun="conflict", file="conflicts.csv", table=table, search="Device, field, value", lines=2, views=tuple(views),
        columns=(
            Column("field", "Field", filter=True), Column("place", "Weight", aside=True), Column("title", "Equipment", aside=True), Column("detail", "Product", aside=True),
            Column("tag", "Asset tag", code=True), Column("values", "What the lists say"), Column("winner", "Winner"), Column("rule", "Rule", filter=True),
            Column("device", "Device", code=True),
        ),
        cells=(
            Cell("text", "Field", ("field",), 8, "end", sort="place"), Cell("thing", "Equipment", ("title", "detail"), 27, "top"), Cell("code", "Tag", ("tag",), 9, "hide"),
            Cell("words", "What the lists say", ("values",), 26, "row"), Cell("words", "Winner", ("winner",), 14, "hide"), Cell("words", "Rule", ("rule",), 16, "hide"),
        ),
    )  # fmt: skip


def pairs(ready: Prepared) -> Grid:
    """The pairs a person should look at, the most certain first."""
    table = _arrow(
        ready,
        f"""
        WITH holder AS (SELECT m.file, m."row", min(m.device) AS device FROM members m GROUP BY ALL),
        called AS (SELECT h.file, h."row", h.device, concat_ws(' ', d.title, d.detail) AS title FROM holder h JOIN report_devices d USING (device))
        SELECT round(100 * k.probability::DOUBLE, 1) AS sure, {_short("k.evidence", ready)} AS evidence,
            a.title AS left_title, concat_ws(', ', nullif(k.left_key, ''), l.short || ' row ' || k.left_row) AS left_at,
            b.title AS right_title, concat_ws(', ', nullif(k.right_key, ''), r.short || ' row ' || k.right_row) AS right_at,
            a.device AS device, b.device AS other
        FROM links k JOIN report_lists l ON l.file = k.left_file JOIN report_lists r ON r.file = k.right_file
        LEFT JOIN called a ON a.file = k.left_file AND a."row" = k.left_row LEFT JOIN called b ON b.file = k.right_file AND b."row" = k.right_row
        WHERE k.decision = 'review'
        ORDER BY k.probability DESC, l.ordinal, k.left_row, r.ordinal, k.right_row
        """,
    )
    return Grid(
        id="pairs", noun="pair", file="links.csv", table=table, search="Device, key, evidence", lines=2,
        columns=(
            Column("sure", "Certainty, %"), Column("evidence", "What speaks for and against"), Column("left_title", "One is"), Column("left_at", "It stands at"),
            Column("right_title", "The other is"), Column("right_at", "That stands at"), Column("device", "Device of the one", code=True), Column("other", "Of the other", code=True),
        ),
        cells=(
            Cell("pair", "One row", ("left_title", "left_at"), 24, "top"), Cell("pair", "The other row", ("right_title", "right_at"), 24, "row"),
            Cell("evidence", "What speaks for and against", ("evidence",), 45, "row"), Cell("percent", "Certainty", ("sure",), 7, "end"),
        ),
    )  # fmt: skip


def exposed(ready: Prepared, figures: Figures, facts: ReportFacts) -> Grid:
    """Each device and vulnerability that is, or may be, affected; worst and known to be exploited first."""
    total = ready.con.execute(
        "SELECT count(*) FROM report_findings WHERE status IN ('affected', 'possible')"
    ).fetchall()[0][0]
    table = _arrow(
        ready,
        f"""
        SELECT {_SEVERITY_WORD.format("f.severity")} AS severity, f.severity AS step, f.status AS answer, d.title, d.detail, d.tag, d.unit, d.facility,
            f.vulnerability, f.advisory, CASE WHEN f.kev THEN 'known exploited' ELSE 'not known' END AS kev, f.reason, f.source, f.cvss,
            round(100 * f.epss, 2) AS epss, coalesce(p.name, f.owner, 'no one named') AS owner, coalesce(o.name, f.position) AS position, f.owner AS owner_id, f.device
        FROM report_findings f JOIN report_devices d USING (device)
        LEFT JOIN report_people p ON p.id = f.owner LEFT JOIN report_positions o ON o.id = f.position
        WHERE f.status IN ('affected', 'possible')
        ORDER BY f.status, f.kev DESC, f.severity, f.cvss DESC NULLS LAST, f.vulnerability, d.detail IS NULL, d.title, d.tag, f.device
        LIMIT {MOST_FINDINGS}
        """,
    )
    owner = (Cell("owner", "Owner", ("owner", "position"), 21, "row"),) if facts.has_chain else ()
    exploited = ready.con.execute(
        "SELECT count(*) FROM report_findings WHERE kev AND status IN ('affected', 'possible')"
    ).fetchall()[0][0]
    affected = ready.con.execute("SELECT count(*) FROM report_findings WHERE status = 'affected'").fetchall()[
        0
    ][0]
    knows_exploited = bool(exploited) or (
        facts.advisories is not None and facts.advisories.known_exploited is not None
    )
    views = (
        View("All findings", {}, total),
        View("Affected", {"answer": "affected"}, affected),
        View("Possible", {"answer": "possible"}, total - affected),
        *([View("Known to be exploited", {"kev": "known exploited"}, exploited)] if knows_exploited else []),
    )
    return Grid(
        id="exposed", noun="finding", file="exposures.csv", table=table, search="Device, CVE, owner", lines=2, total=total,
        views=views if total <= MOST_FINDINGS else views[:0],
        columns=(
            Column("severity", "Severity", filter=True), Column("step", "Step", aside=True), Column("answer", "Answer", filter=True), Column("title", "Equipment", aside=True),
            Column("detail", "Product", filter=True), Column("tag", "Asset tag", code=True), Column("facility", "Facility", filter=True), Column("unit", "Unit", filter=True),
            Column("vulnerability", "Vulnerability", filter=True, code=True), Column("advisory", "Advisory", filter=True, code=True), Column("source", "Says", filter=True),
            Column("reason", "Reason"), Column("kev", "Exploited", filter=True), Column("epss", "EPSS, %"), Column("cvss", "CVSS"),
            Column("owner", "Owner", filter=True), Column("position", "Position", filter=True), Column("owner_id", "Owner id", aside=True), Column("device", "Device", code=True),
        ),
        cells=(
            Cell("severity", "Severity", ("severity", "cvss"), 10, "end", sort="step"), Cell("truth", "Answer", ("answer",), 9, "row"),
            Cell("thing", "Equipment", ("title", "detail"), 19, "top"), Cell("words", "Unit", ("unit",), 11, "hide"),
            Cell("vulnerability", "Vulnerability", ("vulnerability", "kev"), 12, "end"), Cell("words", "Reason", ("reason",), 18, "hide"), *owner,
        ),
    )  # fmt: skip


def all_grids(ready: Prepared, figures: Figures, facts: ReportFacts) -> dict[str, Grid]:
    """The grids that have rows, by id."""
    register_names(ready, facts)
    try:
        grids = [equipment(ready, figures, facts), conflicts(ready, figures), pairs(ready)]
        if ready.exposures:
            grids.append(exposed(ready, figures, facts))
    finally:
        forget_names(ready)
    return {grid.id: grid for grid in grids if grid.rows}
