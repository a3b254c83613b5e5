-- One row per device: the lists and the sides that know it (bit masks), and how it is called.
CREATE OR REPLACE TEMP TABLE report_devices AS
WITH known AS (
    SELECT m.device, bit_or(1::UBIGINT << l.ordinal) AS lists, bit_or(1::UBIGINT << l.side_ordinal) AS sides
    FROM members m JOIN report_lists l ON l.file = m.file
    GROUP BY m.device
), named AS (
    SELECT device,
        nullif(trim(concat_ws(' ', nullif(maker, ''), nullif(model, ''))), '') AS product,
        nullif(name, '') AS name, nullif(host, '') AS host, nullif(tag, '') AS tag, nullif(serial, '') AS serial,
        nullif(unit, '') AS unit, nullif(facility, '') AS facility, nullif(maker, '') AS maker
    FROM report_register
)
SELECT device, known.lists, known.sides, tag, serial, unit, facility, maker, product,
    coalesce(name, product, host, tag, 'Unnamed device') AS title,
    CASE WHEN name IS NOT NULL THEN product END AS detail
FROM known JOIN named USING (device);
