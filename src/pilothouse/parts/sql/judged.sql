-- Every receipt as it is known on the reference day {at}, and for each rate whether it counts (…_of) and how (…_hit).
-- Takes receipts("row", supplier, category, condition, promised, received, installed, outcome, outcome_on, cancelled,
-- called, solved). Source: docs/domains/parts.md, "Rates".
CREATE OR REPLACE VIEW judged AS
WITH known AS (
    SELECT "row", supplier, category, condition, promised, called, solved,
           CASE WHEN received <= DATE '{at}' THEN received END AS received,
           CASE WHEN received <= DATE '{at}' AND installed <= DATE '{at}' THEN installed END AS installed,
           coalesce(cancelled <= DATE '{at}', false) AS cancelled,
           CASE WHEN received > DATE '{at}' OR received IS NULL THEN NULL
                WHEN outcome = 'failed' AND outcome_on > DATE '{at}' THEN 'ok'
                WHEN outcome_on > DATE '{at}' THEN NULL
                ELSE outcome END AS outcome,
           CASE WHEN outcome_on <= DATE '{at}' THEN outcome_on END AS outcome_on
    FROM receipts
),
told AS (
    SELECT *,
           outcome IN ('wrong', 'damaged', 'counterfeit', 'incomplete') IS TRUE AS rejected,
           outcome IN ('ok', 'doa', 'failed') IS TRUE AS tested,
           -- A failure without a day can be neither early nor not.
           installed IS NOT NULL AND outcome IN ('doa', 'wrong', 'damaged', 'counterfeit', 'incomplete') IS NOT TRUE
               AND NOT (outcome = 'failed' IS TRUE AND outcome_on IS NULL) AS stood,
           received IS NOT NULL OR (promised < DATE '{at}' AND NOT cancelled) AS due
    FROM known
)
SELECT "row", supplier, category, condition,
       coalesce(received, promised + 1) AS arrived,
       CASE WHEN outcome = 'failed' THEN coalesce(installed, received) ELSE coalesce(outcome_on, installed, received) END AS tested_on,
       installed AS installed_on,
       tested AS doa_of,
       outcome = 'doa' IS TRUE AS doa_hit,
       stood AND installed <= DATE '{at}' - 30 AS early30_of,
       stood AND outcome = 'failed' IS TRUE AND outcome_on - installed <= 30 AS early30_hit,
       stood AND installed > DATE '{at}' - 30 AS early30_waiting,
       stood AND installed <= DATE '{at}' - 90 AS early90_of,
       stood AND outcome = 'failed' IS TRUE AND outcome_on - installed <= 90 AS early90_hit,
       stood AND installed > DATE '{at}' - 90 AS early90_waiting,
       received IS NOT NULL AS reject_of,
       rejected AS reject_hit,
       promised IS NOT NULL AS on_time_of,
       received <= promised IS TRUE AS on_time_hit,
       received IS NOT NULL AND called AND solved IS NOT NULL AS support_of,
       solved IS TRUE AS support_hit
FROM told
WHERE due;
