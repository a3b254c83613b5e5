-- One sentence an option. `lines` has a line an option in the problem's order; see explaining.py for its columns.
CREATE OR REPLACE MACRO shown(x) AS CASE
    WHEN abs(x) >= 1e15 OR (x <> 0 AND abs(x) < 0.001) THEN printf('%.3g', x)
    WHEN abs(x) >= 100 OR x = round(x) THEN format('{:,}', round(x)::BIGINT)
    ELSE printf('%.3g', x) END;
CREATE OR REPLACE MACRO points(x) AS shown(x) || CASE WHEN x = 1 THEN ' point' ELSE ' points' END;
CREATE OR REPLACE TABLE plan_lines AS
SELECT item, "option", "year", CASE WHEN chosen THEN 'yes' ELSE 'no' END AS chosen, benefit, price, survives,
    CASE
        WHEN chosen AND committed THEN 'committed: chosen whatever it costs'
        WHEN chosen THEN 'chosen' || CASE WHEN bundle <> '' THEN ' with bundle ' || bundle ELSE '' END
            || CASE WHEN benefit >= 0 THEN ': removes ' || points(benefit) ELSE ': adds ' || points(-benefit) || ' of risk' END
            || CASE WHEN uses <> '' THEN ' for ' || uses ELSE '' END
            || CASE
                WHEN benefit < 0 AND must THEN ', because its item must have an option'
                WHEN price <= 0 THEN '; what it uses is not short'
                WHEN benefit >= price THEN '; elsewhere that removes ' || shown(price)
                ELSE '; elsewhere that would remove ' || shown(price)
                    || CASE WHEN bundle <> '' THEN ', but the bundle as a whole is worth it'
                            WHEN needed THEN ', but other options require it'
                            WHEN must THEN ', but its item must have an option'
                            ELSE ', but whole options do not fill the limits better' END END
        WHEN excluded = 'item' THEN 'excluded: another option of its item is committed, ' || rival_name
        WHEN excluded = 'amount' THEN 'excluded: takes ' || shown(short_amount) || ' of ' || short_limit || ', of which '
            || CASE WHEN short_left < short_max THEN 'the commitments leave ' ELSE 'there are ' END || shown(greatest(short_left, 0))
        WHEN bundle <> '' THEN 'excluded by bundle ' || bundle
            || CASE WHEN excluded = 'tie' THEN ': not all of its options can be chosen'
                    ELSE ': as a whole it removes ' || points(bundle_benefit) || '; its items without it and its uses elsewhere remove ' || shown(bundle_price) END
        WHEN unmet <> '' THEN 'not chosen: requires ' || unmet || ', which is not chosen'
        WHEN benefit <= 0 AND NOT must THEN 'not chosen: removes nothing (benefit ' || shown(benefit) || ')'
        WHEN worth >= rival THEN CASE
            WHEN short_limit <> '' THEN 'not chosen: worth its price, but takes ' || shown(short_amount) || ' of ' || short_limit || ' where ' || shown(greatest(short_left, 0)) || ' are left'
            ELSE 'not chosen: about as good as what was, and another mix of whole options fills the limits better' END
        ELSE 'not chosen: '
            || CASE WHEN rival_name <> '' THEN rival_name || ' is the better choice for this item'
                    WHEN main <> '' THEN 'its ' || main || ' removes more elsewhere'
                    ELSE 'its uses remove more elsewhere' END
            || '; would be chosen from ' || points(CASE WHEN abs(enough) < 1e12 THEN ceil(enough * 10 - 1e-9) / 10 ELSE enough END)
            || CASE WHEN main <> '' AND below > 0 THEN ', or below ' || shown(below) || ' of ' || main ELSE '' END
    END AS why
FROM lines;
