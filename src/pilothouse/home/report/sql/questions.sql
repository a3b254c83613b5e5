-- One row per advisory and owner: how many devices that person has to decide on, with what the whole advisory says
-- here beside it. A device counts once, affected before possible.
WITH per_device AS (
    SELECT advisory, device, any_value(owner) AS owner, any_value(position) AS position,
        bool_or(status = 'affected') AS affected, min(severity) FILTER (status = 'affected') AS severity_affected,
        min(severity) AS severity
    FROM report_findings WHERE status IN ('affected', 'possible')
    GROUP BY advisory, device
), held AS (
    SELECT advisory, owner, position,
        count(*) FILTER (affected) AS affected, count(*) FILTER (NOT affected) AS possible
    FROM per_device GROUP BY advisory, owner, position
), whole AS (
    SELECT p.advisory, coalesce(min(p.severity_affected), min(p.severity)) AS severity,
        mode(coalesce(d.product, d.title)) AS product, count(DISTINCT coalesce(d.product, d.title)) AS products
    FROM per_device p JOIN report_devices d USING (device)
    GROUP BY p.advisory
), holes AS (
    SELECT advisory, count(DISTINCT vulnerability) AS vulnerabilities, max(cvss) AS cvss,
        arg_max(vulnerability, (kev::INT, coalesce(cvss, 0), vulnerability)) AS worst,
        bool_or(kev AND status = 'affected') AS kev, bool_or(kev) AS kev_any
    FROM report_findings WHERE status IN ('affected', 'possible')
    GROUP BY advisory
)
SELECT held.*, whole.severity, holes.cvss, holes.kev, holes.kev_any, holes.vulnerabilities, holes.worst,
    whole.product, whole.products
FROM held JOIN whole USING (advisory) JOIN holes USING (advisory)
ORDER BY held.advisory;
