-- Every piece of evidence in numbers, with the day before which it counts, and why it can never count ('' if it may).
-- Takes coded_evidence(id, person, skill, level, kind, got, expires, withdrawn, assessor) and coded_skills(skill, ladder,
-- refresher, asks): days as ordinals, {open} for good; assessor -1 if none is named. Whether an assessor was entitled is
-- not known yet. Source: docs/domains/competency.md, "What counts".
CREATE OR REPLACE TEMP TABLE judged AS
SELECT id, person, skill, level, kind, got, assessor,
       CASE WHEN kind = 'declaration' THEN got + {declared}
            ELSE least(coalesce(expires, got + refresher, {open}), coalesce(withdrawn, {open}), {open}) END AS ends,
       CASE WHEN kind = 'declaration' THEN CASE WHEN asks THEN '' ELSE 'unasked' END
            WHEN expires <= got THEN 'expired'
            WHEN withdrawn <= got THEN 'withdrawn'
            WHEN kind = 'assessment' AND assessor < 0 THEN 'unnamed'
            WHEN kind = 'assessment' AND assessor = person THEN 'self'
            ELSE '' END AS never
FROM coded_evidence JOIN coded_skills USING (skill);
