-- Suppliers whose names are so near each other that a person should say whether they are one; nothing is joined.
-- Takes supplier_names(supplier, "row", core): core is the folded name without legal forms.
SELECT a.supplier, a."row", b.supplier AS resembles, b."row" AS resembles_row,
       CASE WHEN a.core = b.core THEN 'the same but for case, marks or legal form' ELSE 'one slip of the pen apart' END AS why
FROM supplier_names a JOIN supplier_names b ON a."row" > b."row" OR (a."row" = b."row" AND a.supplier > b.supplier)
WHERE a.core <> '' AND (a.core = b.core
   OR (least(length(a.core), length(b.core)) >= 5 AND abs(length(a.core) - length(b.core)) <= 1
       AND (a.core[1] = b.core[1] OR a.core[-1] = b.core[-1]) AND regexp_replace(a.core, '[^0-9]', '', 'g') = regexp_replace(b.core, '[^0-9]', '', 'g')
       AND damerau_levenshtein(a.core, b.core) = 1))
ORDER BY a."row", b."row", a.supplier
