-- Counts to share: by supplier, category, condition, quarter and rate, how many of how many. No receipt, part, price,
-- device or person. The quarter is that of the day on which the item arrived, or was due.
CREATE OR REPLACE TEMP TABLE shared_counts AS
WITH counted AS (
    SELECT supplier, category, condition, year(arrived) || '-Q' || quarter(arrived) AS quarter,
           count(*) FILTER (doa_of) AS doa_n, count(*) FILTER (doa_of AND doa_hit) AS doa_x,
           count(*) FILTER (early30_of) AS early30_n, count(*) FILTER (early30_of AND early30_hit) AS early30_x,
           count(*) FILTER (early90_of) AS early90_n, count(*) FILTER (early90_of AND early90_hit) AS early90_x,
           count(*) FILTER (reject_of) AS reject_n, count(*) FILTER (reject_of AND reject_hit) AS reject_x,
           count(*) FILTER (on_time_of) AS on_time_n, count(*) FILTER (on_time_of AND on_time_hit) AS on_time_x,
           count(*) FILTER (support_of) AS support_n, count(*) FILTER (support_of AND support_hit) AS support_x
    FROM judged GROUP BY ALL
)
SELECT supplier, category, condition, quarter, unnest(rates) AS rate, unnest(counts_n) AS n, unnest(counts_x) AS x,
       unnest(range(6)) AS place
FROM (SELECT *, ['doa', 'early30', 'early90', 'reject', 'on_time', 'support'] AS rates,
             [doa_n, early30_n, early90_n, reject_n, on_time_n, support_n] AS counts_n,
             [doa_x, early30_x, early90_x, reject_x, on_time_x, support_x] AS counts_x FROM counted)
