-- One row per device, vulnerability and advisory, typed, with its severity (0 worst to 4 unknown or none).
CREATE OR REPLACE TEMP TABLE report_findings AS
SELECT e.device, e.vulnerability, e.advisory, e.status, e.source, e.reason,
    coalesce(CAST(e.kev AS VARCHAR) IN ('yes', 'true'), false) AS kev,
    try_cast(e.epss AS DOUBLE) AS epss, try_cast(e.cvss AS DOUBLE) AS cvss,
    CASE WHEN try_cast(e.cvss AS DOUBLE) >= 9 THEN 0 WHEN try_cast(e.cvss AS DOUBLE) >= 7 THEN 1
         WHEN try_cast(e.cvss AS DOUBLE) >= 4 THEN 2 WHEN try_cast(e.cvss AS DOUBLE) > 0 THEN 3 ELSE 4 END AS severity,
    nullif(e.owner, '') AS owner, nullif(e.position, '') AS position
FROM report_exposures e;

-- One row per device that is affected or may be: how often, and its worst case of each.
CREATE OR REPLACE TEMP TABLE report_exposed AS
SELECT device,
    count(DISTINCT vulnerability) FILTER (status = 'affected') AS affected,
    count(DISTINCT vulnerability) FILTER (status = 'possible') AS possible,
    min(severity) FILTER (status = 'affected') AS worst_affected,
    min(severity) FILTER (status = 'possible') AS worst_possible,
    bool_or(kev AND status = 'affected') AS kev,
    bool_or(kev AND status = 'possible') AS kev_possible,
    arg_min(owner, severity) AS owner, arg_min(position, severity) AS position
FROM report_findings WHERE status IN ('affected', 'possible')
GROUP BY device;
