-- Every bad item as it is known on the reference day: the day it became known, and what happened in words.
-- Takes judged (parts/sql/judged.sql) and read_receipts (parts/sources/receipts.py).
CREATE OR REPLACE TEMP TABLE bad_items AS
WITH seen AS (
    SELECT j."row", j.supplier, j.category || CASE WHEN j.condition = '' THEN '' ELSE ', ' || j.condition END AS "group",
           r.receipt, coalesce(r.part, '') AS part, r.promised, r.received, r.outcome, j.arrived, j.tested_on, j.installed_on, r.outcome_on,
           j.doa_of AND j.doa_hit AS dead, j.reject_of AND j.reject_hit AS refused,
           j.installed_on IS NOT NULL AND r.outcome = 'failed' AND r.outcome_on <= getvariable('reference_day') AND r.outcome_on - j.installed_on <= 90 AS broke,
           j.on_time_of AND NOT j.on_time_hit AS late, j.support_of AND NOT j.support_hit AS unsolved,
           r.received IS NULL OR r.received > getvariable('reference_day') AS missing
    FROM judged j JOIN read_receipts r USING ("row")
)
SELECT tested_on AS "day", supplier, 'dead on arrival' AS what, 'Dead on arrival' AS kind, "group", receipt, part, "row" FROM seen WHERE dead
UNION ALL
SELECT outcome_on, supplier, 'failed after ' || (outcome_on - installed_on) || CASE WHEN outcome_on - installed_on = 1 THEN ' day' ELSE ' days' END, 'Early failure', "group", receipt, part, "row" FROM seen WHERE broke
UNION ALL
SELECT arrived, supplier, outcome, 'Rejected', "group", receipt, part, "row" FROM seen WHERE refused
UNION ALL
SELECT arrived, supplier, CASE WHEN missing THEN 'not received, promised for ' || promised
       ELSE (received - promised) || CASE WHEN received - promised = 1 THEN ' day late' ELSE ' days late' END END, 'Late', "group", receipt, part, "row" FROM seen WHERE late
UNION ALL
SELECT arrived, supplier, 'support not solved', 'Support', "group", receipt, part, "row" FROM seen WHERE unsolved;
