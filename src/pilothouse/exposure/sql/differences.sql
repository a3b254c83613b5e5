-- What is to be written so that the answers stand, in chunks of profiles.
-- In: bearing(key, maker, model, name, os, firmware), profiles(key, profile_id) as they stand, answers(key, advisory_id, status,
--     reason, lines) of the profiles that were judged, judged(row, key), standing(id, profile_id, advisory_id, status, reason, lines)
--     of the same profiles; unborne(profile_id): profiles that no device bears any more.
-- Out: to_write(key, profile_id, n): n counts up from 0; an absent profile_id is a new profile; writes(n, kind, id, ...).
CREATE OR REPLACE TEMP TABLE changes AS
SELECT coalesce(w.key, p.key) AS key, s.id, w.advisory_id, w.status, w.reason, w.lines,
       CASE WHEN s.id IS NULL THEN 'new' WHEN w.key IS NULL THEN 'gone' ELSE 'other' END AS kind
FROM (SELECT a.*, p.profile_id FROM answers a LEFT JOIN profiles p USING (key)) w
FULL JOIN standing s ON s.profile_id = w.profile_id AND s.advisory_id = w.advisory_id
LEFT JOIN profiles p ON p.profile_id = s.profile_id
WHERE s.id IS NULL OR w.key IS NULL OR (s.status, s.reason, s.lines) IS DISTINCT FROM (w.status, w.reason, w.lines);

CREATE OR REPLACE TEMP TABLE to_write AS
SELECT key, profile_id, row_number() OVER (ORDER BY key) - 1 AS n
FROM (
    SELECT j.key, NULL::BIGINT AS profile_id FROM judged j WHERE j.key NOT IN (SELECT key FROM profiles)
    UNION
    SELECT c.key, p.profile_id FROM (SELECT DISTINCT key FROM changes) c JOIN profiles p USING (key)
    UNION
    SELECT p.key, p.profile_id FROM unborne u JOIN profiles p USING (profile_id)
);
