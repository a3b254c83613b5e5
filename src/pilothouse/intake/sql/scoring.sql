-- From levels to probabilities: the patterns that are weighed, and rivals for one counterpart.

-- name: signed
-- Each pair with its first evidence (the strongest thing shared) and its pattern as one text:
-- first|short|crowd|near|within|serial|mac|tag|uid|host|product|ip|unit|firmware
CREATE OR REPLACE TABLE signed AS
WITH first_evidence AS (
    SELECT p.*,
        CASE WHEN p.serial = 'same' THEN 'serial' WHEN p.mac = 'same' THEN 'mac' WHEN p.tag = 'same' THEN 'tag'
             WHEN p.uid = 'same' THEN 'uid' WHEN p.serial_near IS NOT NULL THEN 'serial slip'
             WHEN p.mac_near IS NOT NULL THEN 'mac slip' WHEN p.host = 'same' THEN 'host'
             WHEN p.host IN ('carried', 'numbered') THEN p.host ELSE 'tag slip' END AS first
    FROM pairs p
), counted AS (
    SELECT f.*,
        CASE first WHEN 'serial' THEN serial_crowd WHEN 'mac' THEN mac_crowd WHEN 'tag' THEN tag_crowd
             WHEN 'uid' THEN uid_crowd WHEN 'host' THEN host_crowd ELSE 0 END AS crowd,
        CASE first WHEN 'mac slip' THEN mac_near WHEN 'tag slip' THEN tag_near ELSE coalesce(serial_near, 0) END AS near
    FROM first_evidence f
)
SELECT c.l, c.r, c.lrid, c.rrid, c.within, c.first, c.serial, c.crowd, c.near, coalesce(c.doubted, false) AS doubted,
    concat_ws('|', first,
        CASE WHEN (length(a.serial) <= 4 OR (length(a.serial) <= 6 AND regexp_full_match(a.serial, '[0-9]+')))
             THEN 'short' ELSE 'long' END,
        CASE WHEN crowd = 0 THEN '0' WHEN crowd <= 2 THEN '1' WHEN crowd <= 7 THEN '5' ELSE '10' END,
        CASE WHEN near <= 1 THEN near::VARCHAR WHEN near <= 3 THEN '2' WHEN near <= 8 THEN '5' ELSE '10' END,
        CASE WHEN within THEN 'within' ELSE 'across' END,
        c.serial, c.mac, c.tag, c.uid, c.host, c.product, c.ip, c.unit, c.firmware) AS signature
FROM counted c JOIN nodes a ON a.nid = c.l

-- name: patterns
SELECT signature, count(*) AS pairs FROM signed GROUP BY signature ORDER BY signature

-- name: weighed
CREATE OR REPLACE TABLE weighed AS
SELECT s.*, w.bits, w.bits_without_serial, w.words FROM signed s JOIN pattern_weights w USING (signature)

-- name: entered_twice
-- Share of rows that have a second row in their own file.
SELECT sum(1 / (1 + pow(2, -w.bits))) FILTER (w.within AND w.first = 'serial') / (SELECT count(*) FROM rows) FROM weighed w

-- name: scored
-- One row has one counterpart in another file, unless something was entered there twice: where a clearly better
-- counterpart stands, that counts against the others. Twins, rows of one file that belong together, are no rivals.
CREATE OR REPLACE TABLE scored AS
WITH directed AS (
    SELECT w.l AS node, w.r AS partner, b.ordinal AS file, w.bits FROM weighed w JOIN nodes b ON b.nid = w.r WHERE NOT w.within
    UNION ALL
    SELECT w.r, w.l, a.ordinal, w.bits FROM weighed w JOIN nodes a ON a.nid = w.l WHERE NOT w.within
), best AS (
    SELECT node, file, max(bits) AS bits, arg_max(partner, bits) AS partner
    FROM directed GROUP BY ALL HAVING count(*) > 1 AND max(bits) > 0
), beaten AS (
    SELECT d.node, d.partner, b.partner AS rival
    FROM directed d JOIN best b USING (node, file)
    LEFT JOIN weighed twin ON twin.l = least(d.partner, b.partner) AND twin.r = greatest(d.partner, b.partner) AND twin.within
    WHERE d.partner <> b.partner AND b.bits >= d.bits + 2 AND coalesce(twin.bits, -9) < 0
), losers AS (
    SELECT l, r, min(rival) AS rival, count(*) AS rivals
    FROM (SELECT least(node, partner) AS l, greatest(node, partner) AS r, rival FROM beaten) GROUP BY ALL
)
SELECT w.l, w.r, w.lrid, w.rrid, w.within, w.first, w.serial, w.crowd, w.near, w.doubted, w.signature, w.words, x.rival,
       w.bits + CASE WHEN x.rival IS NULL THEN 0 ELSE $rival_bits END AS bits, w.bits_without_serial
FROM weighed w LEFT JOIN losers x USING (l, r)
