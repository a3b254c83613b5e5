-- One line per device, vulnerability and advisory that names its product.
-- In: verdicts, profiles, answers_of, matches, profiled, standings(leaf, vulnerability, standing), leaf_cves(versions, vulnerability),
--     advisories(leaf, advisory, source), vulnerabilities(advisory, vulnerability, kev, epss, cvss).
-- Of several leaves affected beats possible beats not affected; a leaf that names what is fixed or not affected says
-- nothing of other versions, and counts (as possible) only when no other leaf speaks.
CREATE OR REPLACE TEMP TABLE answers AS
SELECT p.answer, p.firmware_id, a.advisory, s.vulnerability,
       arg_max(struct_pack(rank := w.rank, reason := w.reason), w.rank * 1000000 - m.leaf) AS best
FROM profiles p
JOIN matches m USING (answer)
JOIN verdicts v ON v.firmware_id = p.firmware_id AND v.versions = m.versions AND v.part = m.part
JOIN standings s ON s.leaf = m.leaf
JOIN advisories a ON a.leaf = m.leaf,
LATERAL (
    SELECT CASE
        WHEN m.held = 'fails' THEN struct_pack(rank := 1, reason := m.why)
        WHEN s.standing = 'affected' AND m.by_model AND m.held = 'holds' THEN struct_pack(rank := 3, reason := 'This model is named')
        WHEN s.standing = 'affected' AND v.verdict = 'affected' AND m.held = 'unknown' THEN struct_pack(rank := 2, reason := m.why)
        WHEN s.standing = 'affected' THEN struct_pack(
            rank := CASE v.verdict WHEN 'affected' THEN 3 WHEN 'possible' THEN 2 ELSE 1 END, reason := v.reason)
        WHEN s.standing IN ('fixed', 'not_affected') AND v.verdict = 'affected' AND m.held = 'holds' THEN struct_pack(
            rank := 1, reason := v.reason || CASE s.standing WHEN 'fixed' THEN ' (fixed)' ELSE ' (not affected)' END)
        WHEN s.standing IN ('first', 'last') AND v.verdict = 'affected' AND m.held = 'holds' THEN struct_pack(rank := 3, reason := v.reason)
        WHEN s.standing = 'investigated' THEN struct_pack(rank := 2, reason := 'Still under investigation: ' || v.reason)
        ELSE struct_pack(rank := 0, reason := 'Only other versions are judged: ' || v.reason)
    END AS said
) said,
LATERAL (SELECT said.said.rank AS rank, said.said.reason AS reason) w
WHERE NOT EXISTS (FROM leaf_cves c WHERE c.versions = m.versions)
   OR EXISTS (FROM leaf_cves c WHERE c.versions = m.versions AND c.vulnerability = s.vulnerability)
GROUP BY p.answer, p.firmware_id, a.advisory, s.vulnerability;

CREATE OR REPLACE TABLE exposures AS
SELECT d."row", d.device_id, w.vulnerability, w.advisory,
       CASE w.best.rank WHEN 3 THEN 'affected' WHEN 1 THEN 'not_affected' ELSE 'possible' END AS status,
       u.source, w.best.reason AS reason, u.kev, u.epss, u.cvss
FROM profiled d
JOIN answers_of o USING (naming)
JOIN answers w ON w.answer = o.answer AND w.firmware_id = d.firmware_id
JOIN vulnerabilities u USING (advisory, vulnerability)
ORDER BY d."row", w.advisory, w.vulnerability;

CREATE OR REPLACE TABLE candidates AS
SELECT d."row", c.seen, c.candidate, c.advisory, c.score, c.why
FROM profiled d
JOIN resembling c USING (naming)
ORDER BY d."row", c.score DESC, c.candidate, c.advisory;
