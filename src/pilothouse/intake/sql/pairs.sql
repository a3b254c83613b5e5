-- Which nodes are worth comparing, and how they compare. Never all with all: every pair shares an identifier, or
-- has serials (MACs, tags) one slip of the pen apart, and what many share is followed from neighbour to neighbour.

-- name: key_groups
-- How many rows hold a key, and how many devices seem to stand behind it: as many as it is seen with serials
-- (for a serial: with makers), but for one that may be a slip, and in each list as many as `hubs` counts there. crowd =
-- the other devices.
CREATE OR REPLACE TABLE key_groups AS
WITH shared AS (
    SELECT kind, value, count(*) AS nodes FROM keys GROUP BY kind, value HAVING min(rid) <> max(rid)
), told AS (
    SELECT DISTINCT k.kind, k.value, CASE WHEN k.kind = 'serial' THEN n.maker ELSE n.serial END AS witness
    FROM keys k SEMI JOIN shared USING (kind, value) JOIN nodes n USING (nid)
), witnesses AS (
    SELECT kind, value, count(witness) AS witnesses FROM told GROUP BY kind, value
), in_a_list AS (
    SELECT kind, value, max(crowd) AS crowd FROM hubs WHERE kind <> 'serial' AND NOT aside GROUP BY kind, value
)
SELECT kind, value, nodes, greatest(witnesses - CASE WHEN kind = 'serial' THEN 1 ELSE 2 END, coalesce(crowd, 0), 0) AS crowd
FROM shared JOIN witnesses USING (kind, value) LEFT JOIN in_a_list USING (kind, value)

-- name: sharing
-- Pairs of nodes that hold the same key. Of a key in more than $most nodes each is paired with its neighbours only,
-- those with equal serials, makers and models standing together.
CREATE OR REPLACE TABLE sharing AS
WITH held AS (
    SELECT k.nid, k.rid, k.kind, k.value, g.crowd, g.nodes,
           row_number() OVER (PARTITION BY k.kind, k.value ORDER BY n.serial, n.maker, n.model, n.mark, k.nid) AS place
    FROM keys k JOIN key_groups g USING (kind, value) JOIN nodes n USING (nid)
)
SELECT least(a.nid, b.nid) AS l, greatest(a.nid, b.nid) AS r, a.kind, min(a.crowd) AS crowd
FROM held a JOIN held b ON a.kind = b.kind AND a.value = b.value AND a.nid < b.nid AND a.rid <> b.rid
WHERE a.nodes <= $most
GROUP BY ALL
UNION ALL
SELECT least(a.nid, b.nid), greatest(a.nid, b.nid), a.kind, min(a.crowd)
FROM held a JOIN held b ON a.kind = b.kind AND a.value = b.value AND b.place = a.place + 1
WHERE a.nodes > $most AND a.rid <> b.rid
GROUP BY ALL

-- name: carrying
-- Pairs in which the host name of one carries the tag of the other (whole), or its number alone.
CREATE OR REPLACE TABLE carrying AS
WITH holders AS (
    SELECT tag, count(*) AS nodes FROM nodes WHERE tag IS NOT NULL AND part = 1 GROUP BY tag
), hosts AS (
    SELECT host, count(*) AS nodes FROM nodes WHERE host IS NOT NULL AND part = 1 GROUP BY host
)
SELECT least(a.nid, b.nid) AS l, greatest(a.nid, b.nid) AS r, bool_or(h.whole) AS whole
FROM nodes a JOIN host_tags h ON h.host = a.host JOIN nodes b ON b.tag = h.tag
JOIN holders ON holders.tag = b.tag JOIN hosts ON hosts.host = a.host
WHERE a.part = 1 AND b.part = 1 AND a.rid <> b.rid AND a.tag IS DISTINCT FROM b.tag
  AND holders.nodes * hosts.nodes <= $most
GROUP BY ALL

-- name: known_keys
-- Which file knows which key (a serial: of which maker). lonely = no other file does, so that a slip may hide its
-- counterpart.
CREATE OR REPLACE TABLE known_keys AS
WITH known AS (
    SELECT DISTINCT k.kind, k.value, k.ordinal, CASE WHEN k.kind = 'serial' THEN n.maker END AS maker
    FROM keys k JOIN nodes n USING (nid)
    WHERE ((k.kind = 'serial' AND length(k.value) >= 4) OR k.kind IN ('mac', 'tag'))
      AND k.kind IN (SELECT kind FROM keys GROUP BY kind HAVING count(DISTINCT ordinal) > 1)
), placed AS (
    SELECT kind, value, count(DISTINCT ordinal) AS files, count(DISTINCT maker) AS makers FROM known GROUP BY ALL
)
SELECT known.*, placed.files < (SELECT count(*) FROM source_files) AS missed,
    placed.files = 1 OR (placed.makers > 1 AND maker IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM known other WHERE other.kind = known.kind AND other.value = known.value
        AND other.ordinal <> known.ordinal AND (other.maker = known.maker OR other.maker IS NULL))) AS lonely
FROM known JOIN placed USING (kind, value)

-- name: spelling_variants
-- Every key that some file does not know, with one character left out, and whole: keys one slip apart share one.
CREATE OR REPLACE TABLE spelling_variants AS
SELECT kind, value, ordinal, maker, lonely, unnest(list_distinct(list_append(
         list_transform(range(1, length(value) + 1), lambda i: hash(value[:i - 1] || value[i + 1:])), hash(value)))) AS variant
FROM known_keys WHERE lonely OR missed

-- name: slips
-- Pairs of keys of one kind one slip apart, in different files, neither known to the other's file: else its own
-- counterpart stands there. Those of its own file are told too: where serials run on, a neighbour is nothing special,
-- and where more than $most share a variant none is looked for.
CREATE OR REPLACE TABLE slips AS
WITH sizes AS (
    SELECT kind, maker, variant, count(*) AS keys, bool_or(lonely) AS wanted FROM spelling_variants GROUP BY ALL
), running AS (
    SELECT DISTINCT v.kind, v.value, v.maker FROM spelling_variants v
    JOIN sizes s ON s.kind = v.kind AND s.variant = v.variant AND s.maker IS NOT DISTINCT FROM v.maker WHERE s.keys > $most
), within_reach AS (
    SELECT v.*, s.keys, s.wanted FROM spelling_variants v
    JOIN sizes s ON s.kind = v.kind AND s.variant = v.variant AND s.maker IS NOT DISTINCT FROM v.maker
    ANTI JOIN running n ON n.kind = v.kind AND n.value = v.value AND n.maker IS NOT DISTINCT FROM v.maker
), of_one_maker AS (
    SELECT * FROM within_reach WHERE wanted AND keys > 1
), of_any_maker AS (
    SELECT * FROM within_reach WHERE length(value) >= 6
    QUALIFY count(*) OVER (PARTITION BY kind, variant) BETWEEN 2 AND $most
), alike AS (
    SELECT a.kind, a.value AS one, a.ordinal AS one_file, a.maker AS one_maker,
           b.value AS other, b.ordinal AS other_file, b.maker AS other_maker
    FROM of_one_maker a JOIN of_one_maker b
    ON a.kind = b.kind AND a.variant = b.variant AND a.maker IS NOT DISTINCT FROM b.maker AND a.value <> b.value
    WHERE a.lonely AND (a.maker IS NOT NULL OR length(a.value) >= 6)
    UNION
    SELECT a.kind, a.value, a.ordinal, a.maker, b.value, b.ordinal, b.maker
    FROM of_any_maker a JOIN of_any_maker b ON a.kind = b.kind AND a.variant = b.variant AND a.value <> b.value
    WHERE a.lonely AND (a.maker IS NULL) <> (b.maker IS NULL)
), near AS (
    SELECT * FROM alike WHERE damerau_levenshtein(one, other) <= 1
), possible AS (
    SELECT n.* FROM near n ANTI JOIN known_keys k
    ON k.kind = n.kind AND k.value = n.other AND k.ordinal = n.one_file AND n.other_file <> n.one_file
       AND (k.maker = n.other_maker OR k.maker IS NULL OR n.other_maker IS NULL)
)
SELECT * FROM possible

-- name: slipped
-- The same as pairs of nodes in different files. Of a pair of one model only keys of that model (or none) are as near:
-- a person looking for the counterpart would leave the others aside.
CREATE OR REPLACE TABLE slipped AS
WITH met AS (
    SELECT a.nid AS one, b.nid AS other, s.kind, s.other AS value, s.one_file <> s.other_file AS across,
           x.model = y.model AS alike, coalesce(x.model = y.model, true) AS fits
    FROM slips s
    JOIN keys a ON a.kind = s.kind AND a.value = s.one AND a.ordinal = s.one_file
    JOIN keys b ON b.kind = s.kind AND b.value = s.other AND b.ordinal = s.other_file
    JOIN nodes x ON x.nid = a.nid JOIN nodes y ON y.nid = b.nid
    WHERE a.rid <> b.rid
      AND (s.kind <> 'serial' OR (x.maker IS NOT DISTINCT FROM s.one_maker AND y.maker IS NOT DISTINCT FROM s.other_maker))
), counted AS (
    SELECT one, kind, count(DISTINCT value) AS near, count(DISTINCT value) FILTER (fits) AS fitting FROM met GROUP BY ALL
), told AS (
    SELECT m.*, CASE WHEN alike THEN fitting ELSE near END AS near FROM met m JOIN counted USING (one, kind)
)
SELECT least(one, other) AS l, greatest(one, other) AS r, kind, max(near) AS near
FROM told WHERE across AND near <= $near GROUP BY ALL

-- name: pairs
-- Each pair once, with what is shared and the level at which each field compares.
CREATE OR REPLACE TABLE pairs AS
WITH met AS (
    SELECT l, r, kind AS how, crowd, NULL::BIGINT AS near FROM sharing
    UNION ALL SELECT l, r, CASE WHEN whole THEN 'carried' ELSE 'numbered' END, 0, NULL FROM carrying
    UNION ALL SELECT l, r, kind || ' slip', 0, near FROM slipped
), gathered AS (
    SELECT l, r,
           min(crowd) FILTER (how = 'serial') AS serial_crowd, min(crowd) FILTER (how = 'mac') AS mac_crowd,
           min(crowd) FILTER (how = 'tag') AS tag_crowd, min(crowd) FILTER (how = 'uid') AS uid_crowd,
           min(crowd) FILTER (how = 'host') AS host_crowd, max(how) FILTER (how IN ('carried', 'numbered')) AS carries,
           max(near) FILTER (how = 'serial slip') AS serial_near, max(near) FILTER (how = 'mac slip') AS mac_near,
           max(near) FILTER (how = 'tag slip') AS tag_near
    FROM met GROUP BY ALL
), with_macs AS (
    SELECT DISTINCT nid FROM keys WHERE kind = 'mac'
)
SELECT g.*, a.rid AS lrid, b.rid AS rrid, a.ordinal = b.ordinal AS within,
    -- A serial that a few devices of a list share joins nothing unless a MAC, tag, uid or host name says the same.
    a.serial = b.serial AND (a.doubted OR b.doubted) AND g.mac_crowd IS NULL AND g.tag_crowd IS NULL AND g.uid_crowd IS NULL
        AND g.host_crowd IS NULL AND g.carries IS NULL AS doubted,
    CASE WHEN a.serial IS NULL OR b.serial IS NULL THEN 'unknown' WHEN a.serial = b.serial THEN 'same'
         WHEN damerau_levenshtein(a.serial, b.serial) <= 1 THEN 'slip' ELSE 'other' END AS serial,
    CASE WHEN g.mac_crowd IS NOT NULL THEN 'same' WHEN g.mac_near IS NOT NULL THEN 'slip'
         WHEN lm.nid IS NOT NULL AND rm.nid IS NOT NULL THEN 'other' ELSE 'unknown' END AS mac,
    -- A device that one list holds twice has two tags there: that they differ says nothing.
    CASE WHEN a.tag IS NULL OR b.tag IS NULL OR a.part > 1 OR b.part > 1 THEN 'unknown' WHEN a.tag = b.tag THEN 'same'
         WHEN a.ordinal = b.ordinal AND a.serial = b.serial THEN 'unknown'
         WHEN damerau_levenshtein(a.tag, b.tag) <= 1 THEN 'slip' ELSE 'other' END AS tag,
    CASE WHEN g.uid_crowd IS NOT NULL THEN 'same' ELSE 'unknown' END AS uid,
    CASE WHEN g.host_crowd IS NOT NULL THEN 'same' WHEN g.carries IS NOT NULL THEN g.carries
         WHEN a.host IS NOT NULL AND b.host IS NOT NULL AND a.part = 1 AND b.part = 1 THEN 'other'
         WHEN a.tag IS NOT NULL AND EXISTS (SELECT 1 FROM host_tags h WHERE h.host = b.host) THEN 'foreign'
         WHEN b.tag IS NOT NULL AND EXISTS (SELECT 1 FROM host_tags h WHERE h.host = a.host) THEN 'foreign'
         ELSE 'unknown' END AS host,
    -- Beside a MAC alone the maker is the network card's as often as the device's: it speaks for a pair, never against.
    CASE WHEN a.maker <> b.maker THEN CASE WHEN a.card OR b.card THEN 'unknown' ELSE 'other maker' END
         WHEN a.model IS NULL OR b.model IS NULL THEN CASE WHEN a.maker = b.maker THEN 'same maker' ELSE 'unknown' END
         WHEN a.model = b.model THEN 'same model'
         WHEN m.model IS NOT NULL THEN 'similar model'
         WHEN a.maker = b.maker THEN 'other model' ELSE 'other product' END AS product,
    CASE WHEN a.ips IS NULL OR b.ips IS NULL OR len(a.ips) = 0 OR len(b.ips) = 0 THEN 'unknown'
         WHEN list_has_any(a.ips, b.ips) THEN 'same' ELSE 'other' END AS ip,
    CASE WHEN a.unit IS NULL OR b.unit IS NULL THEN 'unknown' WHEN a.unit = b.unit THEN 'same' ELSE 'other' END AS unit,
    CASE WHEN a.firmware IS NULL OR b.firmware IS NULL THEN 'unknown' WHEN a.firmware = b.firmware THEN 'same' ELSE 'other' END AS firmware
FROM gathered g JOIN nodes a ON a.nid = g.l JOIN nodes b ON b.nid = g.r
LEFT JOIN similar_models m ON m.model = a.model AND m.other = b.model
LEFT JOIN with_macs lm ON lm.nid = g.l LEFT JOIN with_macs rm ON rm.nid = g.r

-- name: model_pairs
-- Models that stand together in a pair worth comparing and are not spelt alike; compared once each.
SELECT DISTINCT a.model, b.model AS other
FROM (SELECT l, r FROM sharing UNION SELECT l, r FROM carrying UNION SELECT l, r FROM slipped) p
JOIN nodes a ON a.nid = p.l JOIN nodes b ON b.nid = p.r
WHERE a.model <> b.model
