-- Per device and field: the list that won, the lists that agree, the rule. A claim agrees when it is the winner's value
-- or when the linker found one opinion only.
CREATE OR REPLACE TEMP TABLE report_said AS
WITH told AS (
    SELECT c.device, c.field, l.ordinal, c.rule, c.won = 'yes' AS won,
        c.won = 'yes' OR starts_with(c.rule, 'all ') OR c.rule = 'one source says it' AS agrees
    FROM claims c JOIN report_lists l USING (file) WHERE c.field <> 'seen'
), summed AS (
    SELECT device, field, max(ordinal) FILTER (won) AS winner, bit_or(1::UBIGINT << ordinal) FILTER (agrees AND NOT won) AS agreeing,
        any_value(rule) FILTER (won) AS rule
    FROM told GROUP BY device, field HAVING bool_or(won)
), worded AS (
    SELECT winner, agreeing, rule,
        (SELECT short FROM report_lists WHERE ordinal = winner) || '|'
        || coalesce((SELECT string_agg(short, ', ' ORDER BY ordinal) FROM report_lists WHERE (agreeing >> ordinal) & 1 = 1 AND ordinal <> winner), '')
        || '|' || coalesce(rule, '') AS said
    FROM (SELECT DISTINCT winner, agreeing, rule FROM summed)
)
SELECT s.device, s.field, w.said
FROM summed s JOIN worded w ON w.winner = s.winner AND w.agreeing IS NOT DISTINCT FROM s.agreeing AND w.rule IS NOT DISTINCT FROM s.rule;
-- Claims with words of their own, once per list and value: what lost (where the lists contradict each other, or a
-- placeholder), and other spellings of what won.
CREATE OR REPLACE TEMP TABLE report_lost AS
WITH best AS (
    SELECT device, field, max(value) AS value FROM claims WHERE won = 'yes' GROUP BY ALL
)
SELECT o."at", c.field, l.short AS list, min(c.row) AS "row", c.value,
    CASE WHEN c.rule = 'a placeholder says nothing' OR k.device IS NOT NULL THEN 'lost' ELSE 'agrees' END AS state
FROM claims c JOIN report_order o ON o.device = c.device JOIN report_lists l ON l.file = c.file
LEFT JOIN best b ON b.device = c.device AND b.field = c.field
LEFT JOIN (SELECT DISTINCT device, field FROM conflicts) k ON k.device = c.device AND k.field = c.field
WHERE c.won = 'no' AND c.field <> 'seen' AND c.value IS DISTINCT FROM b.value
GROUP BY ALL;
