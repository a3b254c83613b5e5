"""A believable reconciled hospital of any size, written straight into the tables a report is made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import duckdb

from pilothouse.equipment.fields import FIELDS
from pilothouse.home.report import AdvisoryFacts, FileFacts, ReportFacts
from pilothouse.imports import contracts

FILES = (
    "lists/cmms-export.csv",
    "lists/network-scan.csv",
    "lists/security-tool-export-of-all-three-hospitals-2026-11-02.csv",
)
PEOPLE = {"p1": "Grace W.", "p2": "Dev S.", "p3": "Ben O.", "p4": "Ana R.", "p5": "Finn T.", "p6": "Elif K."}
POSITIONS = {
    "buy": "Buyer, parts",
    "itsec": "IT security lead",
    "devsec": "Device security analyst, infusion and monitoring",
    "tech": "Technician, ICU",
    "helm": "The helm",
    "nurse": "Nurse manager, ICU",
}

_PRODUCTS = """
    (VALUES (0, 'Infusion pump', 'Baxter', 'Sigma Spectrum 35700BAX2'), (1, 'Infusion pump', 'BD', 'Alaris 8015'),
            (2, 'Infusion pump', 'B. Braun', 'Infusomat Space'), (3, 'Patient monitor', 'GE HealthCare', 'CARESCAPE B650'),
            (4, 'Patient monitor', 'Philips', 'IntelliVue MX450'), (5, 'Patient monitor', 'Philips', 'IntelliVue MX750'),
            (6, 'Ventilator', 'Dräger', 'Evita V500'), (7, 'Anaesthesia machine', 'Dräger', 'Perseus A500'),
            (8, 'Defibrillator', 'Philips', 'HeartStart Intrepid'), (9, 'Ultrasound', 'GE HealthCare', 'LOGIQ E10'),
            (10, 'Ultrasound', 'Philips', 'EPIQ 7'), (11, 'Syringe pump', 'B. Braun', 'Perfusor Space'),
            (12, 'Defibrillator', 'ZOLL', 'R Series'), (13, 'Bed', 'Hillrom', 'Progressa')) AS product(p, name, maker, model)"""
_UNITS = "['ICU B4', 'ICU B5', 'Emergency', 'Operating rooms', 'Step-down', 'Recovery', 'Neonatal ICU', 'Dialysis', 'Imaging', 'Ward 3 West', 'Ward 4 East', 'Labour and delivery', 'Oncology day clinic', 'Cardiology']"


def tables(
    con: duckdb.DuckDBPyConnection, devices: int, *, exposures: bool = True, chain: bool = True
) -> None:
    """Fill con with links, members, register, claims, conflicts, unmatched, quality and perhaps exposures."""
    con.execute("CREATE OR REPLACE TEMP MACRO dice(x, n) AS (hash(x) % n)::BIGINT")
    con.execute(f"""
        CREATE OR REPLACE TABLE device AS
        SELECT i, 'd' || substr(md5(i::VARCHAR), 1, 10) AS device, dice(i * 7 + 1, 100) AS luck, {_UNITS}[1 + dice(i + 5, 14)] AS unit, product.*
        FROM range({devices}) t(i) JOIN {_PRODUCTS} ON p = dice(i, 14)""")
    con.execute(f"""
        CREATE OR REPLACE TABLE members AS
        SELECT device, '{FILES[0]}' AS file, (row_number() OVER (ORDER BY i))::BIGINT AS row FROM device WHERE luck < 86
        UNION ALL SELECT device, '{FILES[1]}', row_number() OVER (ORDER BY hash(i)) FROM device WHERE luck >= 30
        UNION ALL SELECT device, '{FILES[2]}', row_number() OVER (ORDER BY hash(i + 1)) FROM device WHERE luck BETWEEN 50 AND 97""")
    made = {
        "tag": "CASE WHEN luck < 86 THEN 'HTM-' || lpad(i::VARCHAR, 6, '0') END",
        "maker": "maker",
        "model": "model",
        "name": "CASE WHEN luck < 86 THEN name END",
        "serial": "CASE WHEN luck < 94 THEN upper(substr(md5((i + 3)::VARCHAR), 1, 9)) END",
        "mac": "CASE WHEN luck >= 30 THEN regexp_replace(substr(md5((i + 9)::VARCHAR), 1, 12), '(..)(..)(..)(..)(..)(..)', '\\1:\\2:\\3:\\4:\\5:\\6') END",
        "ip": "CASE WHEN luck >= 30 THEN '10.' || (i // 65536) || '.' || (i // 256 % 256) || '.' || (i % 256) END",
        "host": "CASE WHEN luck >= 40 THEN lower(split_part(maker, ' ', 1)) || '-' || i END",
        "firmware": "CASE WHEN dice(i + 2, 3) > 0 THEN 'B.0' || dice(i + 8, 9) || '.' || dice(i + 4, 20) END",
        "facility": "CASE WHEN luck < 86 THEN ['Eastmoor', 'Westlake', 'St. Anne'][1 + dice(i + 6, 3)] END",
        "unit": "CASE WHEN luck < 84 THEN unit END",
        "status": "CASE WHEN luck < 86 THEN 'in use' END",
    }
    columns = ", ".join(f'{made.get(f.name, "NULL::VARCHAR")} AS "{f.name}"' for f in FIELDS)
    con.execute(f"CREATE OR REPLACE TABLE register AS SELECT device, {columns} FROM device")
    con.execute(f"""
        CREATE OR REPLACE TABLE claims AS
        WITH said AS (UNPIVOT register ON {", ".join(f'"{f.name}"' for f in FIELDS)} INTO NAME field VALUE value),
        placed AS (SELECT *, row_number() OVER (PARTITION BY device, field ORDER BY file) AS place FROM said JOIN members USING (device))
        SELECT device, field, file, row, CASE WHEN place > 1 AND dice(device || field, 7) = 0 THEN upper(value) || ' (' || place || ')' ELSE value END AS value,
            CASE WHEN file = '{FILES[0]}' THEN '' ELSE '2026-11-0' || 1 + dice(device, 2) END AS seen, CASE WHEN place = 1 THEN 'yes' ELSE 'no' END AS won,
            CASE WHEN dice(device || field, 7) = 0 THEN 'the CMMS is asked first for: ' || field ELSE 'all 2 sources agree' END AS rule
        FROM placed""")
    con.execute("""
        CREATE OR REPLACE TABLE conflicts AS
        SELECT device, ['serial', 'model', 'firmware', 'unit', 'host', 'status'][1 + dice(i + 11, 6)] AS field,
            'CMMS: ' || upper(substr(md5(i::VARCHAR), 1, 7)) || '; Network: ' || upper(substr(md5(i::VARCHAR), 1, 6)) || '8' AS "values",
            upper(substr(md5(i::VARCHAR), 1, 7)) AS winner, 'what most sources agree on' AS rule
        FROM device WHERE luck BETWEEN 50 AND 85 AND dice(i + 12, 5) = 0""")
    con.execute(f"""
        CREATE OR REPLACE TABLE links AS
        SELECT '{FILES[0]}' AS left_file, i::BIGINT + 1 AS left_row, 'HTM-' || lpad(i::VARCHAR, 6, '0') AS left_key, '{FILES[1]}' AS right_file,
            dice(i + 13, 1000) + 1 AS right_row, '00:40:9d:' || substr(md5(i::VARCHAR), 1, 2) || ':1c:f3' AS right_key,
            CASE WHEN luck % 20 = 7 THEN 0.5 + dice(i + 14, 490) / 1000.0 ELSE 0.9995 END AS probability,
            CASE WHEN luck % 20 = 7 THEN 'review' ELSE 'match' END AS decision,
            'For: serial 13764092 and 13764029 differ by two neighbours swapped (+9.4 bits), same model (+4.8), same maker (+2.1). Against: unit Emergency and ICU B4 differ (−1.2).' AS evidence
        FROM device WHERE luck BETWEEN 30 AND 85""")
    con.execute(
        f"CREATE OR REPLACE TABLE unmatched AS SELECT '{FILES[0]}' AS file, i::BIGINT + 1 AS row, '' AS key, 'no row of another list shares an identifier' AS reason FROM device WHERE luck < 30"
    )
    con.execute(
        'CREATE OR REPLACE TABLE quality(file VARCHAR, field VARCHAR, "column" VARCHAR, rows BIGINT, filled BIGINT, unreadable BIGINT, placeholder BIGINT, distinct_values BIGINT)'
    )
    shapes = (("tag", "Asset Tag", 0.99, 0, 0), ("maker", "Mfr", 0.97, 0, 0.01), ("model", "Model", 0.93, 0, 0.03), ("serial", "Serial No.", 0.91, 0.02, 0.09), ("unit", "Dept", 0.84, 0, 0.02), ("firmware", "SW Rev", 0.38, 0, 0.04), ("purchased", "Acq Date", 0.71, 0.12, 0), ("price", "Cost", 0.55, 0.01, 0.05), ("", "Notes", 0.2, 0, 0))  # fmt: skip
    for file in FILES:
        rows = con.execute("SELECT count(*) FROM members WHERE file = ?", [file]).fetchall()[0][0]
        for field, column, filled, unreadable, placeholder in shapes:
            con.execute(
                "INSERT INTO quality VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    file,
                    field,
                    column,
                    rows,
                    int(rows * filled),
                    int(rows * unreadable),
                    int(rows * placeholder),
                    int(rows * filled * 0.8),
                ],
            )
    if exposures:
        _exposures(con, chain=chain)


def _exposures(con: duckdb.DuckDBPyConnection, *, chain: bool) -> None:
    owner = (
        ", CASE WHEN unit LIKE 'ICU%' THEN 'unit:' || unit ELSE 'system' END AS place, ['p3', 'p2', 'p4', 'p5', 'p6'][1 + p % 5] AS owner, ['devsec', 'itsec', 'tech', 'helm', 'nurse'][1 + p % 5] AS position"
        if chain
        else ""
    )
    con.execute(f"""
        CREATE OR REPLACE TABLE exposures AS
        SELECT device, '' AS device_id, vulnerability, advisory,
            CASE WHEN dice(i + 2, 3) = 0 THEN 'possible' WHEN dice(i + 4, 20) > 12 THEN 'not_affected' ELSE 'affected' END AS status,
            'CISA' AS source,
            CASE WHEN dice(i + 2, 3) = 0 THEN 'Affected up to B.08.12; the version is unknown' ELSE 'Affected up to B.08.12; this is B.0' || dice(i + 8, 9) || '.' || dice(i + 4, 20) END AS reason,
            CASE WHEN exploited THEN 'yes' ELSE '' END AS kev, '0.0045' AS epss, cvss{owner}
        FROM device JOIN (VALUES (0, 'CVE-2022-26390', 'ICSMA-22-251-01', '4.2', false), (0, 'CVE-2022-26392', 'ICSMA-22-251-01', '2.1', false),
            (1, 'CVE-2020-25165', 'ICSMA-20-317-01', '7.5', false), (3, 'CVE-2020-6961', 'ICSMA-20-023-01', '10.0', true), (3, 'CVE-2020-6962', 'ICSMA-20-023-01', '10.0', false),
            (4, 'CVE-2020-16216', 'ICSMA-20-254-01', '6.5', false), (5, 'CVE-2020-16216', 'ICSMA-20-254-01', '6.5', false), (7, 'CVE-2019-9999', 'ICSMA-19-190-01', '5.3', false),
            (9, 'CVE-2024-1486', 'ICSMA-24-130-01', '8.4', false), (11, 'CVE-2021-33885', 'ICSMA-21-294-01', '9.7', false), (8, 'CVE-2021-0001', 'ICSMA-21-001-01', '', false))
            AS hole(product, vulnerability, advisory, cvss, exploited) ON product = p""")


def facts(con: duckdb.DuckDBPyConnection, *, exposures: bool = True, chain: bool = True) -> ReportFacts:
    """Facts that fit `tables`."""
    kinds = ("cmms", "network", "security")
    files = []
    for file, kind in zip(FILES, kinds, strict=True):
        rows = con.execute("SELECT count(*) FROM members WHERE file = ?", [file]).fetchall()[0][0]
        files.append(FileFacts(file=file, kind=kind, records=rows + 3, rejected=3 if kind == "cmms" else 0, as_of=datetime(2026, 11, 2, tzinfo=UTC), mapping={"serial": "Serial No.", "maker": "Mfr"}, unmapped=("Notes",)))  # fmt: skip
    whole = ReportFacts(
        files=tuple(files),
        made_at=datetime(2026, 11, 24, 9, 14, tzinfo=UTC),
        house="Eastmoor Health",
        advisories=AdvisoryFacts(
            advisories=186,
            vulnerabilities=512,
            replaced=14,
            passed_over=3,
            known_exploited=1402,
            epss_scores=290_114,
            newest=date(2026, 10, 29),
            candidates=7,
        ),
        people=PEOPLE,
        positions=POSITIONS,
        helm="helm",
        command="pilothouse reconcile cmms-export.csv network-scan.csv security-tool.csv --advisories advisories --chain chain --out /srv/biomedical-engineering/reconciliations/of-november-2026/eastmoor-health-all-three-hospitals/out",
        versions={"Pilothouse": "0.1.0", "DuckDB": "2.0.0"},
    )
    if not chain:
        whole = replace(whole, people={}, positions={}, helm="")
    return whole if exposures else replace(whole, advisories=None)


def empty_tables(con: duckdb.DuckDBPyConnection) -> None:
    """The tables of a run that found no device at all."""
    con.execute(
        f"CREATE TABLE register({', '.join(f'{c} VARCHAR' for c in ('device', *(f.name for f in FIELDS)))})"
    )
    for name, layout in (
        ("links", contracts.LINKS),
        ("members", contracts.MEMBERS),
        ("claims", contracts.CLAIMS),
        ("conflicts", contracts.CONFLICTS),
        ("unmatched", contracts.UNMATCHED),
    ):
        kinds = {"row": "BIGINT", "left_row": "BIGINT", "right_row": "BIGINT", "probability": "DOUBLE"}
        columns = ", ".join(f'"{c}" {kinds.get(c, "VARCHAR")}' for c in layout.columns)
        con.execute(f"CREATE TABLE {name}({columns})")
    con.execute(
        'CREATE TABLE quality(file VARCHAR, field VARCHAR, "column" VARCHAR, rows BIGINT, filled BIGINT, unreadable BIGINT, placeholder BIGINT, distinct_values BIGINT)'
    )
