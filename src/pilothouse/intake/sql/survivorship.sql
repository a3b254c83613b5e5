-- What every row claims of its device, field by field, and which claim won. The order is `rules.winner`'s.

-- name: claimed
-- told(rid, nid, field, value) with the form in which values compare. nid stands for serials only: of a row with
-- several, each device hears its own. A placeholder says nothing and cannot win.
CREATE OR REPLACE TABLE claimed AS
SELECT m.device, t.field, t.rid, t.value, coalesce(s.same_as, lower(t.value)) AS same_as, coalesce(s.is_real, true) AS is_real
FROM told t JOIN member_rows m USING (rid) LEFT JOIN said s ON s.field = t.field AND s.value = t.value
WHERE t.nid IS NULL
UNION ALL
SELECT d.device, t.field, t.rid, t.value, coalesce(s.same_as, lower(t.value)), coalesce(s.is_real, true)
FROM told t JOIN grouped g ON g.nid = t.nid JOIN devices d USING (grp)
LEFT JOIN said s ON s.field = t.field AND s.value = t.value
WHERE t.nid IS NOT NULL

-- name: settled
-- Fields of which a device has one claim need no comparing.
CREATE OR REPLACE TABLE settled AS
WITH counted AS (
    SELECT c.*, count(*) OVER (PARTITION BY device, field) AS claims FROM claimed c
), ranked AS (
    SELECT c.device, c.field, c.rid, c.value, c.same_as, c.is_real, r.seen, r.ordinal, r.row, r.kind, w.prefer, w.label,
           count(DISTINCT CASE WHEN is_real THEN ordinal END) OVER (PARTITION BY device, field) AS sources,
           count(DISTINCT CASE WHEN is_real THEN same_as END) OVER (PARTITION BY device, field) AS opinions,
           count(DISTINCT ordinal) OVER (PARTITION BY device, field, same_as, is_real) AS agreeing,
           CASE w.prefer WHEN 'cmms' THEN r.kind = 'cmms' WHEN 'network' THEN r.kind IN ('network', 'security') ELSE true END AS asked_first
    FROM counted c JOIN rows r USING (rid) JOIN whose_word w USING (field) WHERE c.claims > 1
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY device, field ORDER BY is_real DESC,
               CASE WHEN prefer = 'agreement' THEN -agreeing WHEN asked_first THEN 0 ELSE 1 END, seen DESC NULLS LAST, ordinal, row, value) AS place
    FROM ranked
), won AS (
    SELECT device, field, any_value(same_as) AS best, any_value(agreeing) AS best_agreeing, any_value(asked_first) AS best_asked
    FROM placed WHERE place = 1 GROUP BY ALL
)
SELECT p.device, p.field, p.rid, p.value, p.same_as, p.is_real, p.seen, p.place = 1 AND p.is_real AS won, p.opinions,
    CASE WHEN NOT p.is_real THEN 'a placeholder says nothing'
         WHEN p.opinions = 1 THEN CASE WHEN p.sources = 1 THEN 'one source says it' ELSE 'all ' || p.sources || ' sources agree' END
         WHEN p.prefer = 'agreement' THEN CASE
              WHEN w.best_agreeing > 1 THEN w.best_agreeing || ' of ' || p.sources || ' sources agree'
              ELSE 'sources differ; the newest counts' END
         WHEN NOT w.best_asked THEN CASE p.prefer WHEN 'cmms' THEN 'no CMMS row says it; the newest counts' ELSE 'no network or security row says it; the newest counts' END
         WHEN p.prefer = 'cmms' THEN 'the CMMS is asked first for: ' || lower(p.label)
         ELSE 'network and security lists are asked first for: ' || p.label END AS rule
FROM placed p JOIN won w USING (device, field)
UNION ALL
SELECT c.device, c.field, c.rid, c.value, c.same_as, c.is_real, r.seen, c.is_real, 1,
       CASE WHEN c.is_real THEN 'the only claim' ELSE 'a placeholder says nothing' END
FROM counted c JOIN rows r USING (rid) WHERE c.claims = 1

-- name: claims
CREATE OR REPLACE TABLE claims AS
SELECT c.device, c.field, r.file, r.row, c.value,
       CASE WHEN c.seen IS NULL THEN NULL WHEN c.seen = date_trunc('day', c.seen) THEN strftime(c.seen, '%Y-%m-%d')
            ELSE strftime(c.seen, '%Y-%m-%dT%H:%M:%SZ') END AS seen,
       CASE WHEN c.won THEN 'yes' ELSE 'no' END AS won, c.rule
FROM settled c JOIN rows r USING (rid) JOIN whose_word w USING (field)
ORDER BY c.device, w.place, c.rid, c.value

-- name: disagreements
-- The fields of which a real claim is not another spelling of the winner's: candidates for conflicts.
CREATE OR REPLACE TABLE disagreements AS
SELECT c.device, c.field, c.rid, c.value, c.same_as, c.won, c.rule,
       first_value(c.same_as) OVER (PARTITION BY c.device, c.field ORDER BY c.won DESC) AS best
FROM settled c JOIN whose_word w USING (field)
WHERE c.is_real AND c.opinions > 1 AND w.compared

-- name: unlike_values
-- The distinct pairs that are to be judged: the same, one said more fully, or different.
SELECT DISTINCT field, best, same_as FROM disagreements WHERE same_as <> best

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
SELECT o.device, o.field, string_agg(o.value || ' (' || o.places || ')', '; ' ORDER BY o.won DESC, o.first_rid) AS "values",
       max(o.winner) AS winner, min(o.rule) AS rule
FROM opinions o JOIN whose_word w USING (field)
GROUP BY o.device, o.field, w.place ORDER BY o.device, w.place
