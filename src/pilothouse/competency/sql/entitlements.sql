-- Which piece of evidence would entitle the assessor of which assessment, if it counts: on the day of the assessment the
-- assessor holds the skill at the entitling level, by evidence got earlier than that day.
-- Takes judged and coded_chains(skill, ancestor): the skills whose evidence counts for a skill, itself too.
WITH assessed AS (
    SELECT id, assessor, skill, got, asks, greatest(level, CASE WHEN technician THEN {technician} ELSE {user} END) AS level
    FROM judged JOIN coded_skills USING (skill)
    WHERE kind = 'assessment' AND never = ''
),
declared AS (
    SELECT DISTINCT assessed.id
    FROM assessed JOIN judged AS d ON d.person = assessed.assessor AND d.skill = assessed.skill
    WHERE assessed.asks AND d.kind = 'declaration' AND d.got < assessed.got AND assessed.got < d.ends
)
SELECT assessed.id AS assessment, support.id AS support
FROM assessed
JOIN coded_chains AS c ON c.skill = assessed.skill
JOIN judged AS support ON support.person = assessed.assessor AND support.skill = c.ancestor
WHERE support.kind <> 'declaration' AND support.never = '' AND support.level >= assessed.level
  AND support.got < assessed.got AND assessed.got < support.ends
  AND (NOT assessed.asks OR EXISTS (FROM declared WHERE declared.id = assessed.id))
