-- One row per inspection that checked a control point of the topics: the answers and decisions known before as_of.
WITH answers AS (
    SELECT f.inspection, max(f.known_on) AS known_on, count(*) FILTER (f.answer = 'breach') AS breaches
    FROM findings_asof f
    LEFT JOIN control_point_topics t USING (control_point)
    WHERE f.answer IN ('met', 'breach') AND ({topics})
    GROUP BY f.inspection
), decisions AS (
    SELECT *,
        coalesce(kind IN ('stop', 'coercive_fine', 'penalty', 'police_report'), false) AS serious,
        coalesce(regexp_matches(lower(legal_basis), getvariable('work_crime_pattern')), false) AS crime
    FROM reactions_asof
), reactions AS (
    SELECT inspection,
        count(*) FILTER (serious) AS serious_reactions,
        count(*) FILTER (crime) AS crime_reactions,
        count(*) FILTER (kind IN ('coercive_fine', 'penalty')) AS fines,
        count(*) FILTER (kind IN ('stop', 'police_report')) AS stops,
        max(known_on) FILTER ({read_reactions}) AS known_on
    FROM decisions GROUP BY inspection
), outcomes AS (
    SELECT a.inspection, a.breaches, coalesce(r.serious_reactions, 0) AS serious_reactions,
        coalesce(r.crime_reactions, 0) AS crime_reactions, coalesce(r.fines, 0) AS fines,
        coalesce(r.stops, 0) AS stops, greatest(a.known_on, coalesce(r.known_on, a.known_on)) AS known_on
    FROM answers a LEFT JOIN reactions r USING (inspection)
)
SELECT h.establishment, h.inspection, h.occurred_on, o.known_on,
    ({positive})::TINYINT AS label,
    CASE WHEN o.breaches = 0 THEN 0
         WHEN o.stops > 0 THEN 3
         WHEN o.fines > 0 OR o.breaches >= getvariable('serious_breaches') THEN 2
         ELSE 1 END::TINYINT AS severity,
    h.form, h.origin, h.inspector, h.office, coalesce(h.random_selection, false) AS random_selection
FROM outcomes o JOIN inspections_asof h USING (inspection)
ORDER BY h.occurred_on, h.inspection
