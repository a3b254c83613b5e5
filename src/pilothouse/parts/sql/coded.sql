-- Every judged receipt in numbers: its cell (place in cell_keys), its days since {epoch}, and its flags in one number.
-- The bits are those of FLAGS in parts/engine.py.
SELECT cell, "row",
       (arrived - {epoch})::INTEGER AS arrived,
       (tested_on - {epoch})::INTEGER AS tested,
       (installed_on - {epoch})::INTEGER AS installed,
       (doa_of::INTEGER + 2 * (doa_of AND doa_hit)::INTEGER
        + 4 * early30_of::INTEGER + 8 * (early30_of AND early30_hit)::INTEGER + 16 * early30_waiting::INTEGER
        + 32 * early90_of::INTEGER + 64 * (early90_of AND early90_hit)::INTEGER + 128 * early90_waiting::INTEGER
        + 256 * reject_of::INTEGER + 512 * (reject_of AND reject_hit)::INTEGER
        + 1024 * on_time_of::INTEGER + 2048 * (on_time_of AND on_time_hit)::INTEGER
        + 4096 * support_of::INTEGER + 8192 * (support_of AND support_hit)::INTEGER)::SMALLINT AS flags
FROM judged JOIN cell_keys USING (supplier, category, condition)
