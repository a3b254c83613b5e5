-- What every row claims of its device, field by field, and which claim won. The order is `equipment.claims`'.

-- name: said
-- Identifiers and names compare by the keys that linking read them as. What has no key is told all the same: a tag such
-- as 7 is a tag. last_resort: what is damaged, or could be anybody's, wins only where no row says anything better.
CREATE OR REPLACE TABLE said AS
SELECT w.place AS field, s.text AS value, CASE WHEN max(s.key) <> '' THEN max(s.key) ELSE lower(s.text) END AS same_as,
       max(s.key) <> '' OR max(s.doubt) IN ('too short', 'not Latin script') OR (w.field = 'tag' AND max(s.doubt) = 'too plain') AS is_real,
       max(s.key) = '' AND max(s.doubt) NOT IN ('placeholder', 'empty') AS last_resort
FROM spelt s JOIN whose_word w USING (field) GROUP BY w.place, w.field, s.text

-- name: unsaid
-- All other distinct values that are compared.
SELECT DISTINCT t.field, t.value FROM told t JOIN whose_word w ON w.place = t.field
ANTI JOIN said s ON s.field = t.field AND s.value = t.value
WHERE w.compared

-- name: claimed
-- told(rid, nid, field, value) by device, with the form in which values compare. nid stands for serials only: of a row
-- with several, each device hears its own. field is its place among the fields. A placeholder cannot win.
CREATE OR REPLACE TABLE claimed AS
SELECT m.place AS device, m.alone, t.field, t.rid, t.value, s.same_as, coalesce(s.is_real, true) AS is_real,
       coalesce(s.last_resort AND NOT s.is_real, false) AS last_resort
FROM told t JOIN member_rows m USING (rid) LEFT JOIN said s ON s.field = t.field AND s.value = t.value
WHERE t.nid IS NULL
UNION ALL
SELECT m.place, m.alone, t.field, t.rid, t.value, s.same_as, coalesce(s.is_real, true), coalesce(s.last_resort AND NOT s.is_real, false)
FROM told t JOIN grouped g ON g.nid = t.nid JOIN member_rows m ON m.grp = g.grp AND m.rid = t.rid
LEFT JOIN said s ON s.field = t.field AND s.value = t.value
WHERE t.nid IS NOT NULL

-- name: shared_by_many
-- An identifier that was set aside, since many devices of the list share it, is a last resort too.
UPDATE claimed SET is_real = false, last_resort = true
FROM set_aside s JOIN whose_word w ON w.field = s.kind
WHERE claimed.rid = s.rid AND claimed.field = w.place AND claimed.same_as = s.value

-- name: last_resorts
-- Where nothing better is said, the last resort counts.
UPDATE claimed SET is_real = true
FROM (SELECT DISTINCT device, field FROM claimed WHERE last_resort
      EXCEPT SELECT c.device, c.field FROM claimed c SEMI JOIN (SELECT DISTINCT device, field FROM claimed WHERE last_resort) l
      ON l.device = c.device AND l.field = c.field WHERE c.is_real) AS wanting
WHERE claimed.last_resort AND claimed.device = wanting.device AND claimed.field = wanting.field

-- name: contested
-- Fields of which a device has more than one claim. A row makes one claim of a field, but for serials: of several in a
-- cell those that identify nothing are told beside its device's own.
CREATE OR REPLACE TABLE contested AS
SELECT device, field, count(*) AS claims, count(DISTINCT r.ordinal) FILTER (is_real) AS sources,
       count(DISTINCT coalesce(same_as, value)) FILTER (is_real) AS opinions
FROM claimed JOIN rows r USING (rid) WHERE NOT alone OR field = $serials GROUP BY device, field HAVING count(*) > 1

-- name: settled
-- Where there is one claim there is nothing to compare; of the others every claim gets its place.
CREATE OR REPLACE TABLE settled AS
WITH ranked AS (
    SELECT c.device, c.field, c.rid, c.value, coalesce(c.same_as, c.value) AS same_as, c.is_real, c.last_resort,
           r.seen, r.ordinal, r.row, w.prefer, w.label, z.sources, z.opinions,
           CASE w.prefer WHEN 'cmms' THEN r.kind = 'cmms' WHEN 'network' THEN r.kind IN ('network', 'security') ELSE true END AS asked_first
    FROM claimed c JOIN contested z USING (device, field) JOIN rows r USING (rid) JOIN whose_word w ON w.place = c.field
), votes AS (
    SELECT device, field, same_as, is_real, count(DISTINCT ordinal) AS agreeing FROM ranked WHERE opinions > 1 GROUP BY ALL
), placed AS (
    SELECT r.*, v.agreeing, row_number() OVER (PARTITION BY r.device, r.field ORDER BY r.is_real DESC,
               CASE WHEN prefer = 'agreement' THEN -coalesce(v.agreeing, 0) WHEN asked_first THEN 0 ELSE 1 END, seen DESC NULLS LAST, ordinal, row, value) AS place
    FROM ranked r LEFT JOIN votes v USING (device, field, same_as, is_real)
), won AS (
    SELECT device, field, same_as AS best, agreeing AS best_agreeing, asked_first AS best_asked FROM placed WHERE place = 1
)
SELECT p.device, p.field, p.rid, p.value, p.same_as, p.is_real, p.last_resort, p.seen, p.place = 1 AND p.is_real AS won, p.opinions, w.best,
    CASE WHEN NOT p.is_real THEN CASE WHEN p.last_resort THEN 'counts only where nothing better is said' ELSE 'a placeholder says nothing' END
         WHEN p.opinions = 1 THEN CASE WHEN p.sources = 1 THEN 'one source says it' ELSE 'all ' || p.sources || ' sources agree' END
         WHEN p.prefer = 'agreement' THEN CASE
              WHEN w.best_agreeing > 1 THEN w.best_agreeing || ' of ' || p.sources || ' sources agree'
              ELSE 'sources differ; the newest counts' END
         WHEN NOT w.best_asked THEN CASE p.prefer WHEN 'cmms' THEN 'no CMMS row says it; the newest counts' ELSE 'no network or security row says it; the newest counts' END
         WHEN p.prefer = 'cmms' THEN 'the CMMS is asked first for: ' || lower(p.label)
         ELSE 'network and security lists are asked first for: ' || p.label END AS rule
FROM placed p JOIN won w USING (device, field)
UNION ALL
SELECT c.device, c.field, c.rid, c.value, c.same_as, c.is_real, c.last_resort, r.seen, c.is_real, 1, c.same_as,
       CASE WHEN c.is_real THEN 'the only claim' ELSE 'a placeholder says nothing' END
FROM claimed c JOIN rows r USING (rid) ANTI JOIN contested z ON z.device = c.device AND z.field = c.field

-- name: claims
CREATE OR REPLACE TABLE claims AS
SELECT d.device, w.field, r.file, r.row, c.value,
       CASE WHEN c.seen IS NULL THEN NULL WHEN c.seen = date_trunc('day', c.seen) THEN strftime(c.seen, '%Y-%m-%d')
            ELSE strftime(c.seen, '%Y-%m-%dT%H:%M:%SZ') END AS seen,
       CASE WHEN c.won THEN 'yes' ELSE 'no' END AS won, c.rule
FROM settled c
JOIN devices d ON d.place = c.device JOIN rows r USING (rid) JOIN whose_word w ON w.place = c.field
ORDER BY c.device, c.field, c.rid, c.value

-- name: disagreements
-- The fields of which a real claim is not another spelling of the winner's: candidates for conflicts.
CREATE OR REPLACE TABLE disagreements AS
SELECT c.device, w.field, c.rid, c.value, c.same_as, c.won, c.rule, c.best
FROM settled c JOIN whose_word w ON w.place = c.field
WHERE c.is_real AND c.opinions > 1 AND w.compared

-- name: unlike_values
-- The distinct pairs that are to be judged: the same, one said more fully, or different.
SELECT DISTINCT field, best, same_as FROM disagreements WHERE same_as <> best ORDER BY ALL

-- name: conflicts
CREATE OR REPLACE TABLE conflicts AS
WITH real AS (
    SELECT d.device, d.field FROM disagreements d JOIN unlike u ON u.field = d.field AND u.best = d.best AND u.same_as = d.same_as
    GROUP BY ALL
), opinions AS (
    SELECT d.device, d.field, d.same_as, bool_or(d.won) AS won, min(d.value) FILTER (d.won) AS winner,
           arg_min(d.value, d.rid) AS value, string_agg(r.file || ':' || r.row, ', ' ORDER BY d.rid) AS places, min(d.rid) AS first_rid,
           min(d.rule) AS rule
    FROM disagreements d SEMI JOIN real USING (device, field) JOIN rows r USING (rid) GROUP BY ALL
)
SELECT i.device, o.field, string_agg(o.value || ' (' || o.places || ')', '; ' ORDER BY o.won DESC, o.first_rid) AS "values",
       max(o.winner) AS winner, min(o.rule) AS rule
FROM opinions o JOIN whose_word w USING (field) JOIN devices i ON i.place = o.device
GROUP BY i.device, o.device, o.field, w.place ORDER BY o.device, w.place
