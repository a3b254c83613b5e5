-- What each version set says of each firmware that meets it, before standings and conditions.
-- In: answers_of(naming, answer), matches(answer, leaf, held, why, by_model, part, versions), version_sets(versions, everything, condition, unclear,
--     named, has_part), intervals(versions, of_part, low, high, low_open, high_open, scheme, words, low_text, high_text,
--     alone), firmware_keys(firmware_id, firmware, known, key, scheme), profiled.
-- Out: profiles(answer, firmware_id), met(answer, firmware_id, leaf, held, by_model, versions, part), verdicts(verdict_id, firmware_id, versions, part, inside, verdict, reason). The truth table stands in
--      docs/domains/exposure.md, "Three values".
CREATE OR REPLACE TEMP TABLE exposing_profiles AS
SELECT DISTINCT o.answer, p.firmware_id FROM exposing_profiled p JOIN exposing_answers_of o USING (naming);

-- met: a table of its own, because joining the verdicts to the matches first would make millions of rows.
CREATE OR REPLACE TEMP TABLE exposing_met AS
SELECT p.answer, p.firmware_id, m.leaf, m.held, m.by_model, m.versions, m.part
FROM exposing_profiles p
JOIN exposing_matches m USING (answer);

CREATE OR REPLACE TEMP TABLE exposing_asked AS
SELECT DISTINCT firmware_id, versions, part FROM exposing_met;

CREATE OR REPLACE TEMP TABLE exposing_measured AS
SELECT a.firmware_id, a.versions, a.part,
       bool_or(i.meets AND i.of_part = a.part) AS inside,
       bool_or(i.meets AND i.of_part AND NOT a.part) AS inside_part,
       bool_or(i.scheme <> i.own_scheme AND i.of_part = a.part) AS incomparable,
       arg_min(i.words, i.low) FILTER (i.meets AND i.of_part = a.part) AS words,
       arg_max(CASE WHEN i.high_open THEN 'before ' || i.high_text ELSE 'up to ' || i.high_text END, i.high)
           FILTER (i.high < i.own_key OR (i.high = i.own_key AND i.high_open)) AS ends,
       arg_min(CASE WHEN i.low_open THEN 'after ' || i.low_text ELSE 'from ' || i.low_text || ' on' END, i.low)
           FILTER (i.low > i.own_key OR (i.low = i.own_key AND i.low_open)) AS begins,
       bool_and(i.alone) AS all_alone
FROM exposing_asked a
LEFT JOIN (
    SELECT i.*, f.firmware_id, f.key AS own_key, f.scheme AS own_scheme,
           i.scheme = f.scheme
               AND (f.key > i.low OR (f.key = i.low AND NOT i.low_open))
               AND (f.key < i.high OR (f.key = i.high AND NOT i.high_open)) AS meets
    FROM exposing_intervals i
    JOIN (SELECT DISTINCT versions, firmware_id FROM exposing_asked) d ON d.versions = i.versions
    JOIN exposing_firmware_keys f ON f.firmware_id = d.firmware_id AND f.known
) i ON i.versions = a.versions AND i.firmware_id = a.firmware_id
GROUP BY a.firmware_id, a.versions, a.part;

CREATE OR REPLACE TEMP TABLE exposing_verdicts AS
SELECT row_number() OVER () AS verdict_id, m.firmware_id, m.versions, m.part, v.everything OR coalesce(m.inside, false) AS inside,
       CASE
           WHEN v.everything AND v.condition = '' THEN 'affected'
           WHEN v.everything THEN 'possible'
           WHEN NOT f.known THEN 'possible'
           WHEN m.inside AND (v.condition = '' OR m.part) THEN 'affected'
           WHEN m.inside OR coalesce(m.inside_part, false) THEN 'possible'
           WHEN v.unclear <> '' OR m.incomparable OR m.inside IS NULL THEN 'possible'
           ELSE 'not_affected'
       END AS verdict,
       CASE
           WHEN v.everything AND v.condition = '' THEN 'All versions are named'
           WHEN v.everything THEN 'All versions are named, under a condition that is not known here: ' || v.condition
           WHEN NOT f.known AND f.firmware = '' THEN 'The version is not known; the advisory names ' || v.named
           WHEN NOT f.known THEN 'The version “' || f.firmware || '” cannot be read; the advisory names ' || v.named
           WHEN m.inside AND (v.condition = '' OR m.part) THEN 'The advisory names ' || m.words || '; this is ' || f.firmware
           WHEN m.inside THEN 'The advisory names ' || m.words || ' under a condition that is not known here: ' || v.condition || '; this is ' || f.firmware
           WHEN coalesce(m.inside_part, false) THEN 'This is ' || f.firmware || ', a version of a part that the advisory names; the version of the device itself is not known'
           WHEN v.unclear <> '' THEN 'The advisory names ' || v.named || ', which cannot be set against ' || f.firmware
           WHEN m.incomparable OR m.inside IS NULL THEN 'The advisory names ' || v.named || '; this is ' || f.firmware || ', counted in another way'
           WHEN m.all_alone THEN 'The advisory names only ' || v.named || '; this is ' || f.firmware
           WHEN m.ends IS NOT NULL THEN 'The advisory names only versions ' || m.ends || '; this is ' || f.firmware
           ELSE 'The advisory names only versions ' || m.begins || '; this is ' || f.firmware
       END AS reason
FROM exposing_measured m
JOIN exposing_version_sets v USING (versions)
JOIN exposing_firmware_keys f USING (firmware_id);
