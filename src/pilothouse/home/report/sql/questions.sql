-- One row per advisory and owner: what that person has to decide on. A device counts once, affected before possible.
WITH per_device AS (
    SELECT advisory, device, any_value(owner) AS owner, any_value(position) AS position,
        bool_or(status = 'affected') AS affected, min(severity) FILTER (status = 'affected') AS severity_affected,
        min(severity) AS severity, max(cvss) AS cvss,
        bool_or(kev AND status = 'affected') AS kev, bool_or(kev) AS kev_any
    FROM report_findings WHERE status IN ('affected', 'possible')
    GROUP BY advisory, device
), worst AS (
    SELECT advisory, count(DISTINCT vulnerability) AS vulnerabilities,
        arg_max(vulnerability, (kev::INT, coalesce(cvss, 0), vulnerability)) AS worst,
        count(DISTINCT vulnerability) FILTER (kev) AS exploited
    FROM report_findings WHERE status IN ('affected', 'possible')
    GROUP BY advisory
)
SELECT p.advisory, p.owner, p.position,
    count(*) FILTER (p.affected) AS affected, count(*) FILTER (NOT p.affected) AS possible,
    coalesce(min(p.severity_affected), min(p.severity)) AS severity, max(p.cvss) AS cvss,
    bool_or(p.kev) AS kev, bool_or(p.kev_any) AS kev_any,
    any_value(w.vulnerabilities) AS vulnerabilities, any_value(w.worst) AS worst, any_value(w.exploited) AS exploited,
    mode(coalesce(d.product, d.title)) AS product, count(DISTINCT coalesce(d.product, d.title)) AS products
FROM per_device p JOIN worst w USING (advisory) JOIN report_devices d USING (device)
GROUP BY p.advisory, p.owner, p.position;
