-- One answer for each profile and advisory, of the engine's lines for each vulnerability.
-- In: exposures(row, advisory, vulnerability, status, reason, ...), advisory_ids(tracking, advisory_id, told): told is how many
--     vulnerabilities the advisory has; judged(row, key).
-- Out: answers(key, advisory_id, status, reason, lines).
-- The reason is that of the worst vulnerability, of several that of the first by name. lines: see models/standing.py.
CREATE OR REPLACE TEMP TABLE answers AS
WITH ranked AS (
    SELECT "row", advisory, vulnerability, status, reason,
           CASE status WHEN 'affected' THEN 3 WHEN 'possible' THEN 2 ELSE 1 END AS rank
    FROM exposures
),
worst AS (
    SELECT "row", advisory, max(rank) AS rank, arg_min(reason, (9 - rank)::VARCHAR || vulnerability) AS reason, count(*) AS told
    FROM ranked
    GROUP BY "row", advisory
),
other AS (
    SELECT r."row", r.advisory, bool_or(r.rank <> w.rank OR r.reason <> w.reason) AS differs
    FROM ranked r JOIN worst w USING ("row", advisory)
    GROUP BY r."row", r.advisory
),
spelt AS (
    SELECT r."row", r.advisory,
           '{' || string_agg(
               to_json(r.vulnerability)::VARCHAR || ':' || CASE
                   WHEN r.rank = w.rank AND r.reason = w.reason THEN 'null'
                   ELSE '["' || r.status || '",' || to_json(r.reason)::VARCHAR || ']'
               END,
               ',' ORDER BY r.vulnerability
           ) || '}' AS lines
    FROM ranked r
    JOIN worst w USING ("row", advisory)
    JOIN other o USING ("row", advisory)
    JOIN advisory_ids a ON a.tracking = r.advisory
    WHERE o.differs OR w.told <> a.told
    GROUP BY r."row", r.advisory
)
SELECT j.key, a.advisory_id, CASE w.rank WHEN 3 THEN 'affected' WHEN 2 THEN 'possible' ELSE 'not_affected' END AS status,
       w.reason, coalesce(s.lines, '') AS lines
FROM worst w
JOIN judged j USING ("row")
JOIN advisory_ids a ON a.tracking = w.advisory
LEFT JOIN spelt s USING ("row", advisory);
