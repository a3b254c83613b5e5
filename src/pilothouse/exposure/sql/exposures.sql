-- One line per device, vulnerability and advisory that names its product.
-- In: verdicts, met, answers_of, matches, profiled, standings(leaf, line, standing),
--     vulnerabilities(line, advisory, vulnerability, source, kev, epss, cvss).
-- Of several leaves affected beats possible beats not affected; a leaf that names what is fixed or not affected says
-- nothing of other versions, and counts (as possible) only when no other leaf speaks.
-- weight: the rank, then the earlier leaf, then what is told and by which verdict, in one number, so that the
-- heaviest leaf is found by a plain maximum.
CREATE OR REPLACE TEMP TABLE exposing_answers AS
WITH judged AS MATERIALIZED (
    SELECT m.answer, m.firmware_id, m.leaf, m.held, m.by_model, v.verdict, v.verdict_id
    FROM exposing_met m
    JOIN exposing_verdicts v USING (firmware_id, versions, part)
),
weighed AS (
    SELECT j.answer, j.firmware_id, s.line,
           CASE
               WHEN j.held = 'fails' THEN 11
               WHEN s.standing = 'affected' AND j.by_model AND j.held = 'holds' THEN 32
               WHEN s.standing = 'affected' AND j.verdict = 'affected' AND j.held = 'unknown' THEN 21
               WHEN s.standing = 'affected' AND j.verdict = 'affected' THEN 33
               WHEN s.standing = 'affected' AND j.verdict = 'possible' THEN 23
               WHEN s.standing = 'affected' THEN 13
               WHEN s.standing = 'fixed' AND j.verdict = 'affected' AND j.held = 'holds' THEN 14
               WHEN s.standing = 'not_affected' AND j.verdict = 'affected' AND j.held = 'holds' THEN 15
               WHEN s.standing IN ('first', 'last') AND j.verdict = 'affected' AND j.held = 'holds' THEN 33
               WHEN s.standing = 'investigated' THEN 26
               ELSE 7
           END AS said,  -- rank 3 affected, 2 possible, 1 not affected, 0 others; then what is told
           j.leaf, j.verdict_id
    FROM judged j
    JOIN exposing_standings s ON s.leaf = j.leaf
),
heaviest AS MATERIALIZED (
    SELECT answer, firmware_id, line,
           max(((said // 10)::BIGINT << 58) | ((1048575 - leaf) << 38) | ((said % 10)::BIGINT << 34) | verdict_id) AS weight
    FROM weighed
    GROUP BY answer, firmware_id, line
),
unpacked AS MATERIALIZED (
    SELECT answer, firmware_id, line, weight >> 58 AS rank, (weight >> 34) & 15 AS told,
           1048575 - ((weight >> 38) & 1048575) AS leaf, weight & 17179869183 AS verdict_id
    FROM heaviest
)
SELECT h.answer, h.firmware_id, h.line, h.rank,
       CASE h.told
           WHEN 1 THEN m.why
           WHEN 2 THEN 'This model is named'
           WHEN 3 THEN v.reason
           WHEN 4 THEN v.reason || ' (fixed)'
           WHEN 5 THEN v.reason || ' (not affected)'
           WHEN 6 THEN 'Still under investigation: ' || v.reason
           ELSE 'Only other versions are judged: ' || v.reason
       END AS reason
FROM unpacked h
JOIN exposing_verdicts v ON v.verdict_id = h.verdict_id
JOIN exposing_matches m ON m.answer = h.answer AND m.leaf = h.leaf;

CREATE OR REPLACE TABLE exposures AS
SELECT d."row", d.device_id, u.vulnerability, u.advisory,
       CASE w.rank WHEN 3 THEN 'affected' WHEN 1 THEN 'not_affected' ELSE 'possible' END AS status,
       u.source, w.reason, u.kev, u.epss, u.cvss
FROM exposing_profiled d
JOIN exposing_answers_of o USING (naming)
JOIN exposing_answers w ON w.answer = o.answer AND w.firmware_id = d.firmware_id
JOIN exposing_vulnerabilities u USING (line);

CREATE OR REPLACE TABLE candidates AS
SELECT d."row", c.seen, c.candidate, c.advisory, c.score, c.why
FROM exposing_profiled d
JOIN exposing_resembling c USING (naming);
