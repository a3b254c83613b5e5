-- The claims by numbers instead of words: device (its place in the grid), field, rule. A claim agrees when the linker
-- found one opinion only.
CREATE OR REPLACE TEMP TABLE report_rules AS
SELECT rule, row_number() OVER () AS number, starts_with(rule, 'all ') OR rule = 'one source says it' AS one_opinion,
    rule = 'a placeholder says nothing' AS silent
FROM (SELECT DISTINCT coalesce(rule, '') AS rule FROM claims);
CREATE OR REPLACE TEMP TABLE report_told AS
SELECT o."at", f.number AS field, l.ordinal, r.number AS rule, c.won = 'yes' AS won, r.one_opinion, r.silent, c."row", c.value
FROM claims c JOIN report_order o ON o.device = c.device JOIN report_field_numbers f ON f.field = c.field
JOIN report_lists l ON l.file = c.file JOIN report_rules r ON r.rule = coalesce(c.rule, '');

-- Per device and field: the list that won, the lists that agree (word for word where there are several opinions), the
-- rule, in words that few devices have for their own.
CREATE OR REPLACE TEMP TABLE report_said AS
WITH summed AS (
    SELECT "at", field, max(ordinal) FILTER (won) AS winner, max(rule) FILTER (won) AS rule,
        coalesce(bit_or(1::UBIGINT << ordinal) FILTER (one_opinion AND NOT won), 0) AS agreeing
    FROM report_told GROUP BY "at", field HAVING bool_or(won)
), same_words AS (
    SELECT c."at", c.field, bit_or(1::UBIGINT << c.ordinal) AS agreeing
    FROM report_told c JOIN report_told b ON b."at" = c."at" AND b.field = c.field AND b.value = c.value AND b.won
    WHERE NOT c.won AND NOT c.one_opinion GROUP BY ALL
)
SELECT s."at", s.field, s.winner, s.rule, s.agreeing | coalesce(w.agreeing, 0) AS agreeing
FROM summed s LEFT JOIN same_words w ON w."at" = s."at" AND w.field = s.field;
CREATE OR REPLACE TEMP TABLE report_said_words AS
SELECT s.*, row_number() OVER () - 1 AS number,
    l.short || '|' || coalesce((SELECT string_agg(short, ', ' ORDER BY ordinal) FROM report_lists WHERE (agreeing >> ordinal) & 1 = 1 AND ordinal <> winner), '')
    || '|' || r.rule AS said
FROM (SELECT DISTINCT winner, agreeing, rule FROM report_said) s
JOIN report_lists l ON l.ordinal = s.winner JOIN report_rules r ON r.number = s.rule;

-- Claims with words of their own, once per list and value: what lost (where the lists contradict each other, or a
-- placeholder), and other spellings of what won.
CREATE OR REPLACE TEMP TABLE report_lost AS
WITH best AS (
    SELECT "at", field, value FROM report_told WHERE won
), contested AS (
    SELECT DISTINCT o."at", f.number AS field FROM conflicts k JOIN report_order o ON o.device = k.device JOIN report_field_numbers f ON f.field = k.field
)
SELECT c."at", f.field, l.short AS list, min(c."row") AS "row", c.value,
    CASE WHEN bool_or(c.silent) OR any_value(k."at") IS NOT NULL THEN 'lost' ELSE 'agrees' END AS state
FROM report_told c LEFT JOIN best b ON b."at" = c."at" AND b.field = c.field
LEFT JOIN contested k ON k."at" = c."at" AND k.field = c.field
JOIN report_field_numbers f ON f.number = c.field JOIN report_lists l ON l.ordinal = c.ordinal
WHERE NOT c.won AND c.value IS DISTINCT FROM b.value
GROUP BY c."at", f.field, l.short, c.value;
