-- One line per device, vulnerability and advisory that names its product.
-- In: verdicts, profiles, answers_of, matches, profiled, standings(leaf, vulnerability, standing),
--     advisories(leaf, advisory, source), vulnerabilities(advisory, vulnerability, kev, epss, cvss).
-- Of several leaves affected beats possible beats not affected; a leaf that names what is fixed or not affected says
-- nothing of other versions, and counts (as possible) only when no other leaf speaks.
CREATE OR REPLACE TEMP TABLE weighed AS
SELECT p.answer, p.firmware_id, a.advisory, s.vulnerability, v.verdict_id, m.leaf, m.why,
       CASE
           WHEN m.held = 'fails' THEN 'why'
           WHEN s.standing = 'affected' AND m.by_model AND m.held = 'holds' THEN 'model'
           WHEN s.standing = 'affected' AND v.verdict = 'affected' AND m.held = 'unknown' THEN 'why'
           WHEN s.standing = 'affected' THEN 'verdict'
           WHEN s.standing IN ('fixed', 'not_affected') AND v.verdict = 'affected' AND m.held = 'holds' THEN s.standing
           WHEN s.standing IN ('first', 'last') AND v.verdict = 'affected' AND m.held = 'holds' THEN 'verdict'
           WHEN s.standing = 'investigated' THEN 'investigated'
           ELSE 'others'
       END AS told,
       CASE
           WHEN m.held = 'fails' THEN 1
           WHEN s.standing = 'affected' AND m.by_model AND m.held = 'holds' THEN 3
           WHEN s.standing = 'affected' AND v.verdict = 'affected' AND m.held = 'unknown' THEN 2
           WHEN s.standing = 'affected' THEN CASE v.verdict WHEN 'affected' THEN 3 WHEN 'possible' THEN 2 ELSE 1 END
           WHEN s.standing IN ('fixed', 'not_affected') AND v.verdict = 'affected' AND m.held = 'holds' THEN 1
           WHEN s.standing IN ('first', 'last') AND v.verdict = 'affected' AND m.held = 'holds' THEN 3
           WHEN s.standing = 'investigated' THEN 2
           ELSE 0
       END AS rank
FROM profiles p
JOIN matches m USING (answer)
JOIN verdicts v ON v.firmware_id = p.firmware_id AND v.versions = m.versions AND v.part = m.part
JOIN standings s ON s.leaf = m.leaf
JOIN advisories a ON a.leaf = m.leaf;

CREATE OR REPLACE TEMP TABLE answers AS
SELECT w.answer, w.firmware_id, w.advisory, w.vulnerability, w.best.rank AS rank,
       CASE w.best.told
           WHEN 'why' THEN w.best.why
           WHEN 'model' THEN 'This model is named'
           WHEN 'verdict' THEN v.reason
           WHEN 'fixed' THEN v.reason || ' (fixed)'
           WHEN 'not_affected' THEN v.reason || ' (not affected)'
           WHEN 'investigated' THEN 'Still under investigation: ' || v.reason
           ELSE 'Only other versions are judged: ' || v.reason
       END AS reason
FROM (
    SELECT answer, firmware_id, advisory, vulnerability,
           arg_max(struct_pack(rank := rank, told := told, why := why, verdict_id := verdict_id), rank * 1000000 - leaf) AS best
    FROM weighed
    GROUP BY answer, firmware_id, advisory, vulnerability
) w
JOIN verdicts v ON v.verdict_id = w.best.verdict_id;

CREATE OR REPLACE TABLE exposures AS
SELECT d."row", d.device_id, w.vulnerability, w.advisory,
       CASE w.rank WHEN 3 THEN 'affected' WHEN 1 THEN 'not_affected' ELSE 'possible' END AS status,
       u.source, w.reason, u.kev, u.epss, u.cvss
FROM profiled d
JOIN answers_of o USING (naming)
JOIN answers w ON w.answer = o.answer AND w.firmware_id = d.firmware_id
JOIN vulnerabilities u USING (advisory, vulnerability);

CREATE OR REPLACE TABLE candidates AS
SELECT d."row", c.seen, c.candidate, c.advisory, c.score, c.why
FROM profiled d
JOIN resembling c USING (naming);
