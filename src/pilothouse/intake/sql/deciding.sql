-- From probabilities to decisions, one for each pair of nodes.

-- name: asked
-- Each pair as rules.decide is asked about it.
CREATE OR REPLACE TABLE asked AS
SELECT s.*, round(1 / (1 + pow(2, -s.bits)), 6) AS probability,
       s.serial = 'other' AND NOT coalesce(a.maker <> b.maker, false) AS contradicts,
       CASE WHEN s.crowd = 0 AND s.rival IS NULL THEN round(1 / (1 + pow(2, -s.bits_without_serial)), 6) ELSE 0 END AS without_serials,
       s.crowd = 0 AND s.first IN ('mac', 'tag', 'uid') AS own
FROM scored s JOIN nodes a ON a.nid = s.l JOIN nodes b ON b.nid = s.r

-- name: cases
-- The distinct cases that rules.decide is asked about.
SELECT DISTINCT probability, contradicts, without_serials, own, doubted FROM asked

-- name: decided
CREATE OR REPLACE TABLE decided AS
SELECT a.l, a.r, a.lrid, a.rrid, a.within, a.bits, a.probability, a.words, a.rival, a.contradicts, a.doubted, a.signature, v.decision
FROM asked a JOIN verdicts v USING (probability, contradicts, without_serials, own, doubted)
WHERE v.decision <> 'apart'

-- name: matches
CREATE OR REPLACE TABLE matches AS SELECT l, r FROM decided WHERE decision = 'match'

-- name: edges
-- Matches, the surest first; ties by what the rows say, so that the order of rows in a file changes nothing.
SELECT d.l, d.r, d.bits FROM decided d JOIN nodes a ON a.nid = d.l JOIN nodes b ON b.nid = d.r
WHERE d.decision = 'match'
ORDER BY round(d.bits, 6) DESC, least(a.mark, b.mark), greatest(a.mark, b.mark), d.l, d.r

-- name: edge_serials
SELECT n.nid, n.maker, n.serial FROM nodes n
SEMI JOIN (SELECT l AS nid FROM decided WHERE decision = 'match' UNION SELECT r FROM decided WHERE decision = 'match') e
USING (nid)
WHERE n.serial IS NOT NULL

-- name: vias
-- The pairs of each device that no match joins. Devices were made by joining two groups of nodes at a time, the surest
-- first, and the nodes are laid out so that every group ever joined stands side by side: so each pair comes from the one
-- join that brought it together, is as sure as that, and has one of its two nodes on the way.
CREATE OR REPLACE TABLE vias AS
WITH spread AS (
    SELECT "left", "right", bits, right_start, right_nodes, left_start + unnest(range(left_nodes)) AS one FROM joins
), paired AS (
    SELECT "left", "right", bits, one, right_start + unnest(range(right_nodes)) AS other FROM spread
), told AS (
    SELECT least(a.nid, b.nid) AS l, greatest(a.nid, b.nid) AS r, CASE WHEN a.nid <> p."left" THEN p."left" ELSE p."right" END AS via, p.bits
    FROM paired p JOIN node_places a ON a.place = p.one JOIN node_places b ON b.place = p.other
    WHERE a.nid <> p."left" OR b.nid <> p."right"
)
SELECT told.* FROM told ANTI JOIN matches m ON m.l = told.l AND m.r = told.r
