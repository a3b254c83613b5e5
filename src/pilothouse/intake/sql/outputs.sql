-- The devices and what joins them, as the contracts' tables.

-- name: grouped
-- The group of every node: the nodes of one device.
CREATE OR REPLACE TABLE grouped AS
SELECT n.nid, n.rid, coalesce(d.device_node, n.nid) AS grp FROM nodes n LEFT JOIN node_device d USING (nid)

-- name: devices
-- A device's id is d and 16 hexadecimal digits of the MD5 of its smallest member's name: `kind:key`, or `file:row` of
-- a row without a key. Where several devices would have one name (a row with several serials, one key on many rows)
-- the smallest serial, then file and row are added to it. So ids do not depend on the order of rows that have keys.
CREATE OR REPLACE TABLE devices AS
WITH named AS (
    SELECT g.grp, min(CASE WHEN r.key <> '' THEN r.kind || ':' || r.key ELSE r.file || ':' || r.row END) AS name,
           min(coalesce(n.serial, '')) AS serial, min(r.file || ':' || r.row) AS place, min(g.nid) AS nid
    FROM grouped g JOIN nodes n USING (nid) JOIN rows r ON r.rid = g.rid GROUP BY g.grp
), told AS (
    SELECT grp, nid, place, CASE WHEN count(*) OVER (PARTITION BY name) = 1 THEN name ELSE name || '|' || serial END AS name
    FROM named
), unique_names AS (
    SELECT grp, nid, CASE WHEN count(*) OVER (PARTITION BY name) = 1 THEN name ELSE name || '|' || place || '|' || row_number() OVER (PARTITION BY name, place ORDER BY nid) END AS name
    FROM told
)
SELECT grp, device, row_number() OVER (ORDER BY device) AS place FROM (SELECT grp, 'd' || md5(name)[:16] AS device FROM unique_names)

-- name: member_rows
-- alone: no other row is of this device.
CREATE OR REPLACE TABLE member_rows AS
WITH once AS (
    SELECT DISTINCT d.device, d.place, g.grp, g.rid FROM grouped g JOIN devices d USING (grp)
), sized AS (
    SELECT grp, count(*) AS rows FROM once GROUP BY grp
)
SELECT once.*, sized.rows = 1 AS alone FROM once JOIN sized USING (grp)

-- name: members
CREATE OR REPLACE TABLE members AS
SELECT m.device, r.file, r.row FROM member_rows m JOIN rows r USING (rid) ORDER BY m.place, m.rid

-- name: row_pairs
-- Every pair of rows once: what joins them, or why a person should look.
CREATE OR REPLACE TABLE row_pairs AS
WITH direct AS (
    SELECT d.*, a.grp AS lgrp, b.grp AS rgrp FROM decided d JOIN grouped a ON a.nid = d.l JOIN grouped b ON b.nid = d.r
), joined AS (
    SELECT lrid, rrid, probability, words AS evidence, l, r, rival, NULL AS reason, 1 AS rank, 'match' AS decision, bits
    FROM direct WHERE lgrp = rgrp AND decision = 'match'
    UNION ALL
    SELECT least(a.rid, b.rid), greatest(a.rid, b.rid), round(1 / (1 + pow(2, -v.bits)), 6),
           'via ' || z.file || ':' || z.row, v.l, v.r, NULL, NULL, 2, 'match', v.bits
    FROM vias v JOIN nodes a ON a.nid = v.l JOIN nodes b ON b.nid = v.r JOIN nodes w ON w.nid = v.via JOIN rows z ON z.rid = w.rid
    WHERE a.rid <> b.rid
    UNION ALL
    SELECT d.lrid, d.rrid, least(d.probability, $below_match), d.words, d.l, d.r, d.rival,
           CASE WHEN c.reason IS NOT NULL THEN 'split: ' || c.reason WHEN d.contradicts THEN 'split: contradicting serials'
                WHEN d.doubted THEN 'several devices of one list share the serial' END, 3, 'review', d.bits
    FROM direct d LEFT JOIN cuts c ON c.l = d.l AND c.r = d.r
    WHERE d.lgrp <> d.rgrp
)
SELECT * FROM joined
QUALIFY row_number() OVER (PARTITION BY lrid, rrid ORDER BY rank, bits DESC, l, r) = 1

-- name: links
-- The evidence with the rows' own values in it, sorted as the contracts say.
CREATE OR REPLACE TABLE links AS
SELECT a.file AS left_file, a.row AS left_row, a.key AS left_key, b.file AS right_file, b.row AS right_row, b.key AS right_key,
       p.probability, p.decision,
       CASE WHEN p.evidence LIKE '%{%' THEN
           replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(p.evidence,
               '{serial}', coalesce(x.serial_text, '')), '{lserial}', coalesce(x.serial_text, '')), '{rserial}', coalesce(y.serial_text, '')),
               '{tag}', coalesce(s.tag, t.tag, '')), '{ltag}', coalesce(s.tag, '')), '{rtag}', coalesce(t.tag, '')),
               '{host}', CASE WHEN t.tag IS NULL THEN coalesce(t.host, s.host, '') ELSE coalesce(s.host, t.host, '') END),
               '{lmodel}', coalesce(s.model, '')), '{rmodel}', coalesce(t.model, '')),
               '{lmaker}', coalesce(s.maker, '')), '{rmaker}', coalesce(t.maker, ''))
       ELSE p.evidence END
       || CASE WHEN p.reason IS NOT NULL THEN '; ' || p.reason ELSE '' END
       || CASE WHEN p.decision = 'review' AND v.rid IS NOT NULL THEN '; ' || vr.file || ':' || vr.row || ' fits better' ELSE '' END AS evidence
FROM row_pairs p
JOIN rows a ON a.rid = p.lrid JOIN rows b ON b.rid = p.rrid
JOIN nodes x ON x.nid = p.l JOIN nodes y ON y.nid = p.r
JOIN typed s ON s.rid = p.lrid JOIN typed t ON t.rid = p.rrid
LEFT JOIN nodes v ON v.nid = p.rival LEFT JOIN rows vr ON vr.rid = v.rid
ORDER BY a.ordinal, a.row, b.ordinal, b.row

-- name: unmatched
-- Rows that no row of another file joined, each with the reason in words.
CREATE OR REPLACE TABLE unmatched AS
WITH across AS (
    SELECT p.lrid, p.rrid, p.decision, p.probability FROM row_pairs p JOIN rows a ON a.rid = p.lrid JOIN rows b ON b.rid = p.rrid
    WHERE a.ordinal <> b.ordinal
), told AS (
    SELECT lrid AS rid, rrid AS other, decision, probability FROM across UNION ALL SELECT rrid, lrid, decision, probability FROM across
), spread AS (
    SELECT grp FROM member_rows m JOIN rows r USING (rid) GROUP BY grp HAVING min(r.ordinal) <> max(r.ordinal)
), alone AS (
    SELECT r.rid FROM rows r ANTI JOIN (SELECT m.rid FROM member_rows m SEMI JOIN spread USING (grp)) joined USING (rid)
), looked_at AS (
    SELECT rid, arg_max(other, (probability, -other)) AS other, count(*) AS others FROM told WHERE decision = 'review' GROUP BY rid
), shown AS (
    SELECT rid, string_agg(id, ', ' ORDER BY id) AS ids FROM (
        SELECT DISTINCT k.rid, CASE k.kind WHEN 'mac' THEN 'MAC' WHEN 'host' THEN 'host name' ELSE k.kind END || ' ' || k.value AS id
        FROM keys k SEMI JOIN alone USING (rid))
    GROUP BY rid
), weak AS (
    SELECT rid, arg_max(other, (bits, -other)) AS other, max(crowd) AS crowd FROM (
        SELECT lrid AS rid, rrid AS other, bits, crowd FROM scored WHERE NOT within
        UNION ALL SELECT rrid, lrid, bits, crowd FROM scored WHERE NOT within)
    GROUP BY rid
), doubts AS (
    SELECT rid, string_agg(doubt, ', ' ORDER BY doubt) AS doubt FROM (
    SELECT DISTINCT rid, CASE kind WHEN 'mac' THEN 'MAC' WHEN 'host' THEN 'host name' ELSE kind END || ' ' || value || ' stands on ' || rows || ' rows of the list' AS doubt
    FROM set_aside SEMI JOIN alone USING (rid)
    UNION ALL SELECT DISTINCT t.rid, CASE s.doubt WHEN 'placeholder' THEN 'placeholder serial ' || s.text
               WHEN 'scientific notation' THEN 'serial ' || s.text || ' lost its digits in a spreadsheet' ELSE 'serial ' || s.text || ' is ' || s.doubt END AS doubt
    FROM (SELECT rid, unnest(serial) AS text FROM typed SEMI JOIN alone USING (rid)) t
    JOIN spelt s ON s.field = 'serial' AND s.text = t.text WHERE s.doubt <> '') GROUP BY rid
)
SELECT r.file, r.row, r.key,
    CASE WHEN l.rid IS NOT NULL THEN 'in review with ' || o.file || ':' || o.row || CASE WHEN l.others > 1 THEN ' and ' || (l.others - 1) || ' more' ELSE '' END
         WHEN s.ids IS NULL THEN coalesce(d.doubt || '; ', '') || 'no identifier'
         WHEN w.rid IS NOT NULL THEN 'resembles ' || z.file || ':' || z.row || CASE WHEN w.crowd > 1 THEN ', but by an identifier that many devices share' ELSE ', but too much speaks against it' END
         ELSE coalesce(d.doubt || '; ', '') || s.ids || ' seen in no other list' END AS reason
FROM alone JOIN rows r USING (rid)
LEFT JOIN looked_at l USING (rid) LEFT JOIN rows o ON o.rid = l.other
LEFT JOIN shown s USING (rid) LEFT JOIN doubts d USING (rid)
LEFT JOIN weak w USING (rid) LEFT JOIN rows z ON z.rid = w.other
ORDER BY r.rid
