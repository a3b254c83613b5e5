-- One row per device: the lists and the sides that know it (bit masks), and how it is called. A description that is
-- all capitals is shown in sentence case, except its short words (CT, PCA, ECG); the register keeps it as it is.
CREATE OR REPLACE TEMP TABLE report_devices AS
WITH known AS (
    SELECT m.device, bit_or(1::UBIGINT << l.ordinal) AS lists, bit_or(1::UBIGINT << l.side_ordinal) AS sides
    FROM members m JOIN report_lists l ON l.file = m.file
    GROUP BY m.device
), named AS (
    SELECT device,
        CASE WHEN starts_with(lower(model), lower(maker) || ' ') THEN model
            ELSE nullif(trim(concat_ws(' ', nullif(maker, ''), nullif(model, ''))), '') END AS product,
        CASE WHEN name = upper(name) AND regexp_matches(name, '[A-Z]{4}') THEN upper(name[1]) || array_to_string(list_transform(
            string_split(name, ' '), lambda word: CASE WHEN length(regexp_replace(word, '[^A-Z]', '', 'g')) > 3 OR word IN ('AND', 'OF', 'FOR', 'THE', 'BED', 'HUB', 'BOX', 'ARM', 'BAG', 'GAS', 'AIR') THEN lower(word) ELSE word END), ' ')[2:]
            ELSE nullif(name, '') END AS name, nullif(host, '') AS host, nullif(tag, '') AS tag, nullif(serial, '') AS serial,
        nullif(unit, '') AS unit, nullif(facility, '') AS facility, nullif(maker, '') AS maker
    FROM report_register
)
SELECT device, known.lists, known.sides, tag, serial, unit, facility, maker, product,
    coalesce(name, product, host, tag, 'Unnamed device') AS title,
    CASE WHEN name IS NOT NULL THEN product END AS detail
FROM known JOIN named USING (device);
