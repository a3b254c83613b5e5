-- What was read, as the rows, nodes and keys that are compared.
--
-- A row is a record of a file. A node is a row, or one of several serials in its cell: five pumps entered as one
-- record are five nodes of one row. A key is an identifier of a node in canonical spelling.
-- rid = ordinal of the file * 2^40 + row, so that rids sort as files and rows do.

-- name: spellings_wanted
-- Every distinct text whose canonical form is asked for; serials and MACs one by one.
SELECT DISTINCT 'serial' AS field, text, NULL::VARCHAR AS maker FROM (
    SELECT unnest(serial) AS text FROM typed
    UNION ALL SELECT unnest(string_split_regex(text, '\s+')) FROM (SELECT unnest(serial) AS text FROM typed)
    WHERE contains(text, ' ') AND regexp_full_match(text, '(\S*\d\S*){5,}(\s+(\S*\d\S*){5,})+'))
UNION ALL SELECT DISTINCT 'mac', unnest(mac), NULL FROM typed
UNION ALL SELECT DISTINCT 'tag', tag, NULL FROM typed WHERE tag IS NOT NULL
UNION ALL SELECT DISTINCT 'uid', uid, NULL FROM typed WHERE uid IS NOT NULL
UNION ALL SELECT DISTINCT 'host', host, NULL FROM typed WHERE host IS NOT NULL
UNION ALL SELECT DISTINCT 'maker', maker, NULL FROM typed WHERE maker IS NOT NULL
UNION ALL SELECT DISTINCT 'model', model, maker FROM typed WHERE model IS NOT NULL

-- name: rows
CREATE OR REPLACE TABLE rows AS
SELECT t.rid, t.ordinal, f.file, t.row, t.key, f.kind, coalesce(t.seen, f.as_of) AS seen,
       nullif(mk.key, '') AS maker, nullif(md.key, '') AS model,
       nullif(tg.key, '') AS tag, nullif(ud.key, '') AS uid, nullif(hs.key, '') AS host,
       t.ip AS ips, nullif(lower(regexp_replace(t.unit, '[\W_]+', '', 'g')), '') AS unit,
       nullif(regexp_replace(lower(t.firmware), '^(version|ver|rev|v)?[^0-9a-z]*', ''), '') AS firmware,
       -- Ties are broken by what a row says, never by where it stands in its file.
       hash(f.kind, t.key, t.serial, t.tag, t.mac, t.host, t.maker, t.model) AS mark
FROM typed t
JOIN source_files f USING (ordinal)
LEFT JOIN spelt mk ON mk.field = 'maker' AND mk.text = t.maker
LEFT JOIN spelt md ON md.field = 'model' AND md.text = t.model AND md.maker IS NOT DISTINCT FROM t.maker
LEFT JOIN spelt tg ON tg.field = 'tag' AND tg.text = t.tag
LEFT JOIN spelt ud ON ud.field = 'uid' AND ud.text = t.uid
LEFT JOIN spelt hs ON hs.field = 'host' AND hs.text = t.host

-- name: read_serials
-- The serials of each row, each once, in the order of the cell. A serial that is the model's name is none. Blanks part
-- a cell only if another row knows one of the parts as its serial: many serials have blanks inside. cell: the text as
-- it was read, of which the serial may be a part.
CREATE OR REPLACE TABLE read_serials AS
WITH cells AS (
    SELECT rid, unnest(serial) AS text, generate_subscripts(serial, 1) AS position FROM typed
), known AS (
    SELECT DISTINCT s.key FROM cells c JOIN spelt s ON s.field = 'serial' AND s.text = c.text WHERE s.key <> ''
), pieces AS (
    SELECT rid, text AS cell, position, unnest(string_split_regex(text, '\s+')) AS text
    FROM cells WHERE contains(text, ' ') AND regexp_full_match(text, '(\S*\d\S*){5,}(\s+(\S*\d\S*){5,})+')
), parted AS (
    SELECT rid, cell, any_value(position) AS position, list(p.text) AS texts
    FROM pieces p JOIN spelt s ON s.field = 'serial' AND s.text = p.text
    GROUP BY rid, cell HAVING bool_or(s.key IN (FROM known))
), told AS (
    SELECT c.rid, c.text, c.position, c.text AS cell FROM cells c ANTI JOIN parted p ON p.rid = c.rid AND p.cell = c.text
    UNION ALL SELECT rid, unnest(texts), position, cell FROM parted
)
SELECT c.rid, s.key AS serial, min(c.position) AS position, arg_min(c.text, c.position) AS text, arg_min(c.cell, c.position) AS cell
FROM told c JOIN spelt s ON s.field = 'serial' AND s.text = c.text
JOIN rows r USING (rid)
WHERE s.key <> '' AND upper(coalesce(r.model, '')) <> s.key
GROUP BY ALL

-- name: row_serials
-- Those that identify something, numbered. doubted: several devices of the list seem to share it.
CREATE OR REPLACE TABLE row_serials AS
SELECT r.rid, r.serial, r.text, r.cell, h.value IS NOT NULL AS doubted,
       row_number() OVER (PARTITION BY r.rid ORDER BY r.position, r.serial) AS part, count(*) OVER (PARTITION BY r.rid) AS parts
FROM read_serials r JOIN rows USING (rid)
ANTI JOIN set_aside a ON a.kind = 'serial' AND a.rid = r.rid AND a.value = r.serial
LEFT JOIN hubs h ON h.kind = 'serial' AND h.value = r.serial AND h.ordinal = rows.ordinal AND h.maker IS NOT DISTINCT FROM rows.maker

-- name: shared_makers
-- Pairs of makers' names under which $enough long serials or more stand, each with one model.
WITH told AS (
    SELECT serial, model, list(DISTINCT maker) AS makers FROM row_serials JOIN rows USING (rid)
    WHERE length(serial) > 6 OR (length(serial) > 4 AND NOT regexp_full_match(serial, '[0-9]+'))
    GROUP BY serial, model HAVING min(maker) <> max(maker)
), spread AS (
    SELECT serial, makers, unnest(makers) AS one FROM told WHERE len(makers) <= 3
), paired AS (
    SELECT DISTINCT serial, one, unnest(makers) AS other FROM spread
)
SELECT one, other FROM paired WHERE one < other GROUP BY ALL HAVING count(*) >= $enough ORDER BY ALL

-- name: makers_met
SELECT maker, count(*) FROM rows WHERE maker IS NOT NULL GROUP BY maker

-- name: read_macs
CREATE OR REPLACE TABLE read_macs AS
WITH cells AS (
    SELECT rid, unnest(mac) AS text, generate_subscripts(mac, 1) AS position FROM typed
)
SELECT c.rid, s.key AS mac, min(c.position) AS position
FROM cells c JOIN spelt s ON s.field = 'mac' AND s.text = c.text
WHERE s.key <> '' GROUP BY ALL

-- name: row_macs
CREATE OR REPLACE TABLE row_macs AS
SELECT r.rid, r.mac, row_number() OVER (PARTITION BY r.rid ORDER BY r.position) AS part, count(*) OVER (PARTITION BY r.rid) AS macs
FROM read_macs r ANTI JOIN set_aside a ON a.kind = 'mac' AND a.rid = r.rid AND a.value = r.mac

-- name: nodes
CREATE OR REPLACE TABLE nodes AS
SELECT row_number() OVER (ORDER BY r.rid, coalesce(s.part, 1)) AS nid,
       r.rid, r.ordinal, coalesce(s.part, 1) AS part, coalesce(s.parts, 1) AS parts,
       s.serial, s.text AS serial_text, coalesce(s.doubted, false) AS doubted, r.maker, r.model, r.tag, r.uid, r.host, r.ips, r.unit, r.firmware, r.kind, r.mark,
       r.kind <> 'cmms' AND r.model IS NULL AND s.serial IS NULL AS card
FROM rows r LEFT JOIN row_serials s USING (rid)

-- name: keys
-- Row-wide identifiers of a row with several serials go to its first node, MACs as many as serials one to each.
CREATE OR REPLACE TABLE keys AS
SELECT nid, rid, ordinal, 'serial' AS kind, serial AS value FROM nodes WHERE serial IS NOT NULL
UNION ALL
SELECT n.nid, n.rid, n.ordinal, 'mac', m.mac FROM row_macs m
JOIN nodes n ON n.rid = m.rid AND n.part = CASE WHEN n.parts = m.macs THEN m.part ELSE 1 END
UNION ALL SELECT nid, rid, ordinal, 'tag', tag FROM nodes WHERE tag IS NOT NULL AND part = 1
UNION ALL SELECT nid, rid, ordinal, 'uid', uid FROM nodes WHERE uid IS NOT NULL AND part = 1
UNION ALL SELECT nid, rid, ordinal, 'host', host FROM nodes WHERE host IS NOT NULL AND part = 1

-- name: host_tags
-- Which rows' tags a host name may carry: the whole tag, or its number if no other tag has the same number.
CREATE OR REPLACE TABLE host_tags AS
WITH tags AS (
    SELECT DISTINCT n.tag, t.number FROM nodes n JOIN tag_numbers t ON t.tag = n.tag
), numbers AS (
    SELECT number, min(tag) AS tag FROM tags WHERE number <> '' GROUP BY number HAVING count(*) = 1
), carried AS (
    SELECT h.host, h.candidate AS tag, 0 AS loss FROM host_candidates h JOIN tags ON tags.tag = h.candidate
    UNION ALL
    SELECT h.host, numbers.tag, 1 FROM host_candidates h JOIN numbers ON numbers.number = h.candidate
)
SELECT host, tag, bool_or(loss = 0) AS whole FROM carried GROUP BY host, tag
QUALIFY count(*) OVER (PARTITION BY host) <= 2
