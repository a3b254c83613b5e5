-- What every person holds on the day {at}, at the highest level: with the evidence that carries it furthest, and every
-- span of evidence at that level or above that ends later. Takes counting(id, person, skill, level, start, "end") and
-- coded_chains(skill, ancestor, distance). Source: docs/domains/competency.md, "people.csv".
CREATE OR REPLACE TEMP TABLE top AS
SELECT person, c.skill, max(level) AS level
FROM counting JOIN coded_chains AS c ON c.ancestor = counting.skill
WHERE start <= {at} AND {at} < "end"
GROUP BY ALL;
CREATE OR REPLACE TEMP TABLE carrying AS
SELECT top.person, top.skill, top.level, counting.id, c.distance, counting.start, counting."end"
FROM top
JOIN coded_chains AS c ON c.skill = top.skill
JOIN counting ON counting.person = top.person AND counting.skill = c.ancestor
WHERE counting.level >= top.level AND counting."end" > {at};
CREATE OR REPLACE TEMP TABLE basis AS
SELECT person, skill, any_value(level) AS level,
       arg_max(id, (("end", -distance, level, start, -id))) AS id,
       arg_max(distance, (("end", -distance, level, start, -id))) AS distance
FROM carrying WHERE start <= {at}
GROUP BY person, skill;
