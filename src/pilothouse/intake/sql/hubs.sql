-- Identifiers that many devices of one list share (hubs): they stay what their rows say, and link nothing.
--
-- A device has one serial, at most three network cards, and may be entered twice. So a value on many rows of a list
-- whose MACs (serials, host names, ids, addresses) differ is none of theirs: a docking station's MAC, a serial that was
-- typed once and copied down, the name every fresh machine has.

-- name: bearers
-- The rows of each value that three rows or more of one list hold, with what tells them apart. A serial is asked of one
-- maker's rows: short ones coincide. A CMMS row without a tag is an entry of its own.
CREATE OR REPLACE TABLE bearers AS
WITH held AS (
    SELECT rid, 'serial' AS kind, serial AS value FROM read_serials
    UNION ALL SELECT rid, 'mac', mac FROM read_macs
    UNION ALL SELECT rid, 'tag', tag FROM rows WHERE tag IS NOT NULL
    UNION ALL SELECT rid, 'uid', uid FROM rows WHERE uid IS NOT NULL
    UNION ALL SELECT rid, 'host', host FROM rows WHERE host IS NOT NULL
), often AS (
    SELECT rid >> $shift AS ordinal, kind, value FROM held GROUP BY ALL HAVING count(*) >= 3
), bearing AS (
    SELECT o.ordinal, h.kind, h.value, h.rid FROM held h JOIN often o ON o.kind = h.kind AND o.value = h.value AND o.ordinal = h.rid >> $shift
), serials AS (
    SELECT rid, min(serial) AS serial FROM read_serials SEMI JOIN bearing USING (rid) GROUP BY rid
), macs AS (
    SELECT rid, min(mac) AS mac FROM read_macs SEMI JOIN bearing USING (rid) GROUP BY rid
)
SELECT b.ordinal, b.kind, b.value, CASE WHEN b.kind = 'serial' THEN r.maker END AS maker, b.rid,
       CASE WHEN b.kind = 'serial' AND r.kind = 'cmms' THEN coalesce(r.tag, r.rid::VARCHAR) ELSE r.tag END AS tag,
       s.serial, m.mac, r.host, r.uid, r.ips[1] AS ip, r.model
FROM bearing b JOIN rows r USING (rid) LEFT JOIN serials s USING (rid) LEFT JOIN macs m USING (rid)

-- name: hubs
-- crowd: devices behind a value beyond the one it may be of. Serials, tags and models always tell rows apart; of what is
-- less steady the first that half of the rows have decides: rows of one MAC are one device under however many host names.
CREATE OR REPLACE TABLE hubs AS
WITH counted AS (
    SELECT ordinal, kind, value, maker, count(*) AS rows,
           count(DISTINCT serial) AS serials, 2 * count(serial) >= count(*) AS has_serials,
           count(DISTINCT mac) AS macs, 2 * count(mac) >= count(*) AS has_macs,
           count(DISTINCT host) AS hosts, 2 * count(host) >= count(*) AS has_hosts,
           count(DISTINCT uid) AS uids, 2 * count(uid) >= count(*) AS has_uids,
           count(DISTINCT ip) AS ips, 2 * count(ip) >= count(*) AS has_ips,
           count(DISTINCT tag) AS tags, count(DISTINCT model) AS models
    FROM bearers GROUP BY ordinal, kind, value, maker
), judged AS (
    SELECT *, CASE WHEN kind <> 'tag' THEN tags - $twice ELSE 0 END AS by_tags,
           greatest(CASE WHEN kind <> 'serial' THEN serials - $twice ELSE 0 END, models - $cards,
               CASE WHEN kind <> 'mac' AND has_macs THEN macs - $cards WHEN kind <> 'serial' AND has_serials THEN serials - $twice
                    WHEN kind <> 'host' AND has_hosts THEN hosts - $cards WHEN kind <> 'uid' AND has_uids THEN uids - $cards
                    WHEN has_ips THEN ips - $addresses ELSE 0 END, 0) AS by_others
    FROM counted
)
SELECT ordinal, kind, value, maker, rows, greatest(by_tags, by_others, 0) AS crowd,
       by_others >= $many OR by_tags >= CASE WHEN kind = 'serial' THEN 1 ELSE $many END OR rows > $looks AS aside
FROM judged WHERE greatest(by_tags, by_others) > 0 OR rows > $looks

-- name: set_aside
CREATE OR REPLACE TABLE set_aside AS
SELECT b.rid, b.kind, b.value, h.rows, h.crowd FROM bearers b
JOIN hubs h ON h.ordinal = b.ordinal AND h.kind = b.kind AND h.value = b.value AND h.maker IS NOT DISTINCT FROM b.maker
WHERE h.aside

-- name: told_hubs
-- What a user should know: how many values of how many rows were set aside in each list, and the one on most rows.
SELECT f.file, count(*) AS hubs, sum(h.rows)::BIGINT AS rows, arg_max(h.kind, (h.rows, h.value)) AS kind,
       arg_max(h.value, (h.rows, h.value)) AS value, max(h.rows) AS most
FROM hubs h JOIN source_files f USING (ordinal) WHERE h.aside GROUP BY f.file, f.ordinal ORDER BY f.ordinal
